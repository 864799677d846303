"""Sign-in and who I am."""

from typing import Any

from flask import request

from kit import clock
from kit.errors import NotFound
from kit.principal import Principal
from kit.web.auth import auth, principal, public
from kit.web.io import NothingOut, body, reply
from kit.web.limits import per_address
from kit.web.refusals import refuses
from staff import queries, service, tokens
from staff.present import as_oneself
from staff.queries.people import StaffNotFound
from staff.routes.blueprint import bp
from staff.rules import ANY_STAFF
from staff.rules.clients import Caller
from staff.schemas import sign_in as schemas
from staff.service.credentials import BadResetCode, PasswordRefused
from staff.service.guard import TooManyAttempts
from staff.service.sessions import DeviceNotFound, RefreshTokenReused
from staff.service.sign_in import BadCredentials
from staff.tokens import BadToken

Answer = dict[str, Any]


def caller(device_token: str | None = None) -> Caller:
    """Where the current request comes from; behind proxies, TRUSTED_PROXIES says how many to look through."""
    name = request.user_agent.string.replace("\x00", "")[:200]
    return Caller(address=request.remote_addr or "unknown", device_name=name, device_token=device_token)


def render(signed_in: service.SignedIn) -> Answer:
    """What a client gets when it signs in or refreshes."""
    return {
        "access_token": signed_in.access_token,
        "token_type": "Bearer",
        "expires_in": int(tokens.ACCESS_LIFETIME.total_seconds()),
        "refresh_token": signed_in.refresh_token,
        "session_id": signed_in.session_id,
        "session_expires_at": signed_in.expires_at,
    }


def second_factor_state(me: Principal) -> str:
    """What an app should ask for next: nothing, a code, or enrolment of an authenticator app."""
    if me.verified:
        return "done"
    if not me.withheld:
        return "not_needed"
    return "needed" if queries.has_second_factor(me.id) else "enrol"


@bp.post("/auth/token")
@public
@refuses(BadCredentials, TooManyAttempts)
@per_address("sign_in")
@body(schemas.TokenIn)
@reply(schemas.TokenOut)
def create_token(staff_no: str, password: str, device_token: str | None) -> Answer:
    """Sign in with staff number and password."""
    signed_in = service.sign_in(staff_no=staff_no, password=password, caller=caller(device_token), now=clock.now())
    return {**render(signed_in), "device_token": service.new_device_token(staff_no)}


@bp.post("/auth/refresh")
@public
@refuses(BadToken, RefreshTokenReused)
@body(schemas.RefreshIn)
@reply(schemas.TokenOut)
def refresh_session(refresh_token: str) -> Answer:
    """Exchange a refresh token for the next pair of tokens."""
    return render(service.refresh(refresh_token=refresh_token, now=clock.now()))


@bp.post("/auth/sign-out")
@auth(roles=ANY_STAFF, before_second_factor=True)
@refuses(DeviceNotFound)
@reply(NothingOut)
def sign_out() -> Answer:
    """End this sign-in: its tokens stop working now."""
    me = principal()
    if me.session_id:
        service.end_session(me.session_id, staff_id=me.id, now=clock.now())
    return {}


@bp.post("/auth/sign-out-everywhere")
@auth(roles=ANY_STAFF, before_second_factor=True)
@reply(NothingOut)
def sign_out_everywhere() -> Answer:
    """End all my sign-ins, this one included."""
    service.end_all_sessions(principal().id, now=clock.now())
    return {}


@bp.post("/auth/password")
@public
@refuses(BadResetCode, PasswordRefused, StaffNotFound)
@body(schemas.ResetPasswordIn)
@reply(NothingOut)
def reset_password(code: str, new_password: str) -> Answer:
    """Set a password by the one-time code that an administrator handed over."""
    service.reset_password(code=code, new=new_password, now=clock.now())
    return {}


@bp.get("/me")
@auth(roles=ANY_STAFF, before_second_factor=True)
@refuses(NotFound)
@reply(schemas.MeOut)
def get_me() -> Answer:
    """Who I am, what I may do, and where I work."""
    me = principal()
    return {**as_oneself(queries.get_profile(me.id)), "second_factor": second_factor_state(me)}


@bp.post("/me/password")
@auth(roles=ANY_STAFF, before_second_factor=True)
@refuses(BadCredentials, PasswordRefused, StaffNotFound, TooManyAttempts)
@body(schemas.PasswordIn)
@reply(NothingOut)
def change_password(current_password: str, new_password: str) -> Answer:
    """Change my password; my other devices are signed out."""
    service.change_password(
        principal=principal(), current=current_password, new=new_password, caller=caller(), now=clock.now()
    )
    return {}
