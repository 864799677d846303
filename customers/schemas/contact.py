"""Consent, quiet hours, the contact policy, and who may be contacted now."""

from zoneinfo import available_timezones

from marshmallow import ValidationError, fields

from customers.rules.contacts import REASONS
from customers.rules.policies import UNRECORDED
from kit.web import validate
from kit.web.io import In, Out, paged, text_field
from kit.words import say
from models.contact import CONSENT_ORIGINS, CONTACT_CHANNELS, RECORDER_KINDS

MAX_CHECKED = 500
MAX_CONTACTS = 1000
CLOCK = validate.Regexp(r"^([01][0-9]|2[0-3]):[0-5][0-9]\Z")


def channel_field() -> fields.String:
    """How a customer is contacted."""
    return fields.String(required=True, validate=validate.OneOf(CONTACT_CHANNELS), metadata={"example": "wecom"})


def clock_field() -> fields.String:
    """A time of day as clocks show it."""
    return fields.String(required=True, validate=CLOCK, metadata={"example": "21:00"})


class GrantedIn(In):
    """Yes or no per channel; at least one."""

    wecom = fields.Boolean()
    wechat = fields.Boolean()
    sms = fields.Boolean()
    call = fields.Boolean()
    email = fields.Boolean()


class ConsentsIn(In):
    granted = fields.Nested(
        GrantedIn,
        required=True,
        validate=validate.Length(min=1),
        metadata={"description": "Yes or no per channel.", "example": {"sms": True, "call": False}},
    )
    origin = fields.String(
        required=True,
        validate=validate.OneOf([origin for origin in CONSENT_ORIGINS if origin != "merge"]),
        metadata={"description": "`page` and `customer` (their own click) are for integrators.", "example": "form"},
    )
    text_version = text_field(
        64, load_default=None, metadata={"description": "Of the words they agreed to.", "example": "2026-01"}
    )
    evidence = text_field(
        200, load_default=None, metadata={"description": "A reference to what shows it; sealed.", "example": "F-10086"}
    )
    given_at = fields.AwareDateTime(load_default=None, metadata={"description": "By default now."})


class ConsentOut(Out):
    """One thing the customer said."""

    id = fields.UUID(required=True)
    channel = channel_field()
    granted = fields.Boolean(required=True)
    holds = fields.Boolean(required=True, metadata={"description": "Whether this is the newest word."})
    given_at = fields.DateTime(required=True)
    origin = fields.String(required=True, validate=validate.OneOf(CONSENT_ORIGINS), metadata={"example": "form"})
    text_version = fields.String(required=True, allow_none=True)
    evidence = fields.String(required=True, allow_none=True, metadata={"description": "Shown to hq_admin."})
    recorder_kind = fields.String(required=True, validate=validate.OneOf(RECORDER_KINDS))
    recorder_id = fields.UUID(required=True, allow_none=True)
    recorded_at = fields.DateTime(required=True)


ConsentPageOut = paged(ConsentOut)


class ConsentsHoldingOut(Out):
    """What holds now, for each channel about which the customer said anything."""

    items = fields.List(fields.Nested(ConsentOut), required=True)


class QuietHoursIn(In):
    """From and until, across midnight too; equal times are none at all."""

    starts = clock_field()
    ends = clock_field()


class QuietHoursOut(Out):
    starts = clock_field()
    ends = clock_field()
    time_zone = fields.String(required=True)
    set_for = fields.String(required=True, validate=validate.OneOf(("customer", "store", "chain")))


def _unrecorded() -> fields.String:
    return fields.String(required=True, validate=validate.OneOf(UNRECORDED))


class UnrecordedIn(In):
    """What no record means; `if_bound`: yes for customers who are some guide's own."""

    wecom = _unrecorded()
    wechat = _unrecorded()
    sms = _unrecorded()
    call = _unrecorded()
    email = _unrecorded()


class UnrecordedOut(Out):
    wecom = _unrecorded()
    wechat = _unrecorded()
    sms = _unrecorded()
    call = _unrecorded()
    email = _unrecorded()


def _is_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError([say("unknown_time_zone", zone=name)])


def _limit(description: str) -> fields.Integer:
    return fields.Integer(
        required=True, strict=True, validate=validate.Range(0, MAX_CONTACTS), metadata={"description": description}
    )


class ContactPolicyIn(In):
    week_limit = _limit("Contacts in any 7 days, over all guides and channels.")
    month_limit = _limit("Contacts in any 30 days.")
    quiet_from = clock_field()
    quiet_until = clock_field()
    time_zone = fields.String(
        required=True,
        validate=_is_zone,
        metadata={"description": "Of customers without a store; an IANA name.", "example": "Asia/Shanghai"},
    )
    unrecorded = fields.Nested(UnrecordedIn, required=True)
    reservation_minutes = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(1, 1440),
        metadata={"description": "After which a reserved contact that was not sent is free again.", "example": 15},
    )


class ContactPolicyOut(Out):
    week_limit = fields.Integer(required=True)
    month_limit = fields.Integer(required=True)
    quiet_from = clock_field()
    quiet_until = clock_field()
    time_zone = fields.String(required=True)
    unrecorded = fields.Nested(UnrecordedOut, required=True)
    reservation_minutes = fields.Integer(required=True)
    version = fields.Integer(required=True, metadata={"description": "The ETag."})


class ContactChecksIn(In):
    channel = channel_field()
    customer_ids = fields.List(fields.UUID(), required=True, validate=validate.Length(1, MAX_CHECKED))


class ContactCheckOut(Out):
    """Whether one customer may be contacted now, or every reason why not."""

    customer_id = fields.UUID(required=True)
    allowed = fields.Boolean(required=True)
    reasons = fields.List(fields.String(validate=validate.OneOf(REASONS)), required=True)
    detail = fields.String(required=True, allow_none=True, metadata={"description": "The reasons, for people."})
    next_allowed_at = fields.DateTime(
        required=True, allow_none=True, metadata={"description": "Null where waiting does not help."}
    )


class ContactChecksOut(Out):
    items = fields.List(fields.Nested(ContactCheckOut), required=True)
