"""Signing in and out, passwords, devices, and who I am."""

from marshmallow import EXCLUDE, fields

from kit.web import validate
from kit.web.io import In, Out, QueryIn, path_field, text_field, url_field
from kit.web.problems import carries
from staff.rules import ROLES
from staff.rules.passwords import MAX_LENGTH, MIN_ALONE
from staff.rules.second_factor import ACTS
from staff.service.grants import FreshCodeRequired

PASSWORD_RULES = (
    f"At least {MIN_ALONE} characters of any kind (NIST SP 800-63B-4); not a common one, not your name or number."
)


class TokenIn(In):
    staff_no = text_field(64, required=True, metadata={"example": "G0001"})
    password = text_field(200, required=True, metadata={"example": "guide-demo-2026"})
    device_token = text_field(
        300,
        load_default=None,
        allow_none=True,
        metadata={"description": "What this device got when it last signed in: keeps others from locking it out."},
    )


class RefreshIn(In):
    refresh_token = text_field(200, required=True)


class TokenOut(Out):
    access_token = fields.String(required=True)
    token_type = fields.String(required=True, validate=validate.OneOf(("Bearer",)))
    expires_in = fields.Integer(required=True, metadata={"description": "Seconds.", "example": 900})
    refresh_token = fields.String(
        required=True, metadata={"description": "Good for one exchange; showing it again later ends the sign-in."}
    )
    session_id = fields.UUID(required=True)
    session_expires_at = fields.DateTime(required=True, metadata={"description": "Unless refreshed before."})
    device_token = fields.String(
        metadata={"description": "Keep it, and send it with the next sign-in; not on refresh."}
    )


class PasswordIn(In):
    current_password = text_field(200, required=True)
    new_password = text_field(MAX_LENGTH, required=True, metadata={"description": PASSWORD_RULES})


class ResetPasswordIn(In):
    code = text_field(64, required=True, metadata={"example": "4TQX-9KMB-WW7D-3HNP"})
    new_password = text_field(MAX_LENGTH, required=True, metadata={"description": PASSWORD_RULES})


class ResetCodeOut(Out):
    code = fields.String(required=True, metadata={"description": "Shown only now; hand it over in person."})
    expires_at = fields.DateTime(required=True)


class DeviceOut(Out):
    id = fields.UUID(required=True)
    device_name = fields.String(required=True)
    client_address = fields.String(required=True)
    created_at = fields.DateTime(required=True)
    refreshed_at = fields.DateTime(required=True)
    expires_at = fields.DateTime(required=True)
    is_this = fields.Boolean(required=True, metadata={"description": "The device that asks."})


class DevicesOut(Out):
    items = fields.List(fields.Nested(DeviceOut), required=True)


SECOND_FACTOR = validate.OneOf(["not_needed", "enrol", "needed", "done"])


class TotpOut(Out):
    secret = fields.String(required=True, metadata={"description": "Base32; for apps that cannot scan."})
    otpauth_uri = url_field("What the QR code holds.")


class SecondFactorIn(In):
    code = text_field(64, required=True, metadata={"description": "Six digits of the app, or a recovery code."})


class EnrolIn(In):
    code = text_field(
        64,
        load_default=None,
        allow_none=True,
        metadata={"description": "To replace an app: a fresh code of it, or a recovery code."},
    )


class GrantIn(In):
    act = fields.String(
        required=True, validate=validate.OneOf(sorted(ACTS)), metadata={"example": "plan_version_approval"}
    )
    subject_id = fields.UUID(required=True, metadata={"description": "What it is done to: the id in the act's path."})
    code = text_field(16, required=True, metadata={"description": "Six digits of the app; no recovery code."})


class GrantOut(Out):
    id = fields.UUID(required=True, metadata={"description": "Send it as `Second-Factor-Grant`."})
    act = fields.String(required=True, validate=validate.OneOf(sorted(ACTS)))
    subject_id = fields.UUID(required=True)
    expires_at = fields.DateTime(required=True)


carries(FreshCodeRequired, act=fields.String(required=True, validate=validate.OneOf(sorted(ACTS))))


class RecoveryCodesOut(Out):
    recovery_codes = fields.List(fields.String(), required=True, metadata={"description": "Shown only now."})


class SendCodeIn(In):
    staff_no = text_field(64, required=True)


class CodeSentOut(Out):
    challenge_id = fields.UUID(required=True)
    expires_in = fields.Integer(required=True, metadata={"description": "Seconds."})


class OidcCallbackIn(QueryIn):
    """What providers add beyond this (`session_state`, `iss`, `scope`, …) is passed over."""

    class Meta:
        unknown = EXCLUDE

    state = text_field(200, required=True)
    code = text_field(4000, load_default=None)
    error = text_field(200, load_default=None)


class CodeIn(In):
    challenge_id = fields.UUID(required=True)
    code = text_field(16, required=True)


class MeOut(Out):
    id = fields.UUID(required=True)
    staff_no = fields.String(required=True)
    name = fields.String(required=True)
    roles = fields.List(fields.String(validate=validate.OneOf(sorted(ROLES))), required=True)
    second_factor = fields.String(
        required=True,
        validate=SECOND_FACTOR,
        metadata={"description": "Roles that touch money are of no use while it is `needed`, or still to `enrol`."},
    )
    store_id = fields.UUID(required=True, allow_none=True)
    store_code = fields.String(required=True, allow_none=True)
    store_name = fields.String(required=True, allow_none=True)
    time_zone = fields.String(required=True, allow_none=True)
    region_id = fields.UUID(required=True, allow_none=True)
    region_name = fields.String(required=True, allow_none=True)
    portrait_url = path_field("Shown on posters and pages.", allow_none=True)
    phone = fields.String(required=True, allow_none=True, metadata={"example": "+8613800138000"})
    wecom_user_id = fields.String(required=True, allow_none=True)


class PersonOut(Out):
    """A member of staff as others see them."""

    id = fields.UUID(required=True)
    staff_no = fields.String(required=True)
    name = fields.String(required=True)
