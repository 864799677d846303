"""Authenticator apps, and signing in by a code that is sent."""

from typing import Any
from uuid import UUID

from kit import clock
from kit.web.auth import auth, principal, public
from kit.web.io import NothingOut, body, reply
from kit.web.limits import per_address
from kit.web.refusals import refuses
from staff import service
from staff.queries.people import StaffNotFound
from staff.routes.blueprint import bp
from staff.routes.sign_in import caller, render
from staff.rules import ANY_STAFF
from staff.schemas import sign_in as schemas
from staff.service.codes import CODE_LIFETIME, BadSignInCode, CodesUnavailable, TooManyCodes
from staff.service.guard import TooManyAttempts
from staff.service.second_factor import BadSecondFactor, NotEnrolled, SecondFactorKept

Answer = dict[str, Any]


@bp.post("/me/totp")
@auth(roles=ANY_STAFF, before_second_factor=True)
@refuses(BadSecondFactor, SecondFactorKept, StaffNotFound, TooManyAttempts)
@body(schemas.EnrolIn, required=False)
@reply(schemas.TotpOut, 201)
def enrol_totp(code: str | None) -> Answer:
    """Begin to enrol an authenticator app, or to replace one with a fresh code of it; confirm by its first code."""
    secret, uri = service.enrol_totp(principal=principal(), code=code, caller=caller(), now=clock.now())
    return {"secret": secret, "otpauth_uri": uri}


@bp.post("/me/totp/confirm")
@auth(roles=ANY_STAFF, before_second_factor=True)
@refuses(BadSecondFactor, NotEnrolled, StaffNotFound, TooManyAttempts)
@body(schemas.SecondFactorIn)
@reply(schemas.RecoveryCodesOut)
def confirm_totp(code: str) -> Answer:
    """Show that the app works; the recovery codes are told only now."""
    codes = service.confirm_totp(principal=principal(), code=code, caller=caller(), now=clock.now())
    return {"recovery_codes": codes}


@bp.post("/auth/second-factor")
@auth(roles=ANY_STAFF, before_second_factor=True)
@refuses(BadSecondFactor, NotEnrolled, TooManyAttempts)
@body(schemas.SecondFactorIn)
@reply(NothingOut)
def show_second_factor(code: str) -> Answer:
    """Show the second factor once per sign-in; roles that touch money are of use from then on."""
    service.show_second_factor(principal=principal(), code=code, caller=caller(), now=clock.now())
    return {}


@bp.post("/auth/second-factor/grants")
@auth(roles=ANY_STAFF, before_second_factor=True)
@refuses(BadSecondFactor, NotEnrolled, TooManyAttempts)
@body(schemas.GrantIn)
@reply(schemas.GrantOut, 201)
def grant_act(act: str, subject_id: UUID, code: str) -> Answer:
    """Show a fresh code for one act that moves money: send the grant with the act, once, within five minutes."""
    grant = service.grant_act(
        principal=principal(), act=act, subject_id=subject_id, code=code, caller=caller(), now=clock.now()
    )
    return {"id": grant.id, "act": grant.act, "subject_id": grant.subject_id, "expires_at": grant.expires_at}


@bp.delete("/staff/<uuid:staff_id>/totp")
@auth(roles={"hq_admin"})
@refuses(SecondFactorKept, StaffNotFound)
@reply(NothingOut)
def remove_totp(staff_id: UUID) -> Answer:
    """Take a lost authenticator app from someone, who is signed out and has to enrol another."""
    service.remove_totp(staff_id, principal=principal(), now=clock.now())
    return {}


@bp.post("/auth/codes")
@public
@refuses(CodesUnavailable, TooManyCodes)
@per_address("sign_in")
@body(schemas.SendCodeIn)
@reply(schemas.CodeSentOut, 202)
def send_code(staff_no: str) -> Answer:
    """Have a code sent to a member of staff; whether there is one by this number is not told."""
    challenge_id = service.ask_for_code(staff_no=staff_no, caller=caller(), now=clock.now())
    return {"challenge_id": challenge_id, "expires_in": int(CODE_LIFETIME.total_seconds())}


@bp.post("/auth/code")
@public
@refuses(BadSignInCode)
@per_address("sign_in")
@body(schemas.CodeIn)
@reply(schemas.TokenOut)
def sign_in_by_code(challenge_id: UUID, code: str) -> Answer:
    """Sign in by the code that was sent."""
    signed_in, staff_no = service.sign_in_by_code(
        challenge_id=challenge_id, code=code, caller=caller(), now=clock.now()
    )
    return {**render(signed_in), "device_token": service.new_device_token(staff_no)}
