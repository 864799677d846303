"""Who gets in, and who is asking."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import current_app

from kit import clock
from kit.errors import Unauthenticated
from kit.ids import secret_hash
from kit.principal import Principal, Reach
from kit.words import say
from models import Staff
from staff import passwords, queries, rules, tokens
from staff.rules.clients import Caller
from staff.rules.sessions import MONEY_ROLES
from staff.service import guard
from staff.service.keys import KEY_PREFIX, note_use
from staff.service.sessions import SignedIn, start_session


class BadCredentials(Unauthenticated):
    """Staff number and password do not belong together; which of the two is wrong is not told."""

    code = "bad_credentials"


def sign_in(*, staff_no: str, password: str, caller: Caller, now: datetime) -> SignedIn:
    """Sign in a member of staff employed today; raises BadCredentials, TooManyAttempts."""
    attempt = guard.begin_attempt(staff_no, caller)
    staff = queries.find_staff_by_no(staff_no)
    matches = passwords.password_matches(staff.password_hash if staff else None, password)
    if staff is None or not matches or not is_employed(staff, now):
        guard.count_failure(attempt)
        raise BadCredentials
    guard.end_attempt(attempt)
    if staff.password_hash and passwords.is_outdated(staff.password_hash):
        staff.password_hash = passwords.hash_password(password)
    return start_session(staff, caller=caller, now=now)


def sign_in_known(staff: Staff | None, *, caller: Caller, now: datetime) -> tuple[SignedIn, str]:
    """Sign in whom an identity provider vouches for, and their staff number.

    Raises BadCredentials for strangers and leavers.
    """
    if staff is None or not is_employed(staff, now):
        raise BadCredentials(say("bad_credentials.stranger"))
    return start_session(staff, caller=caller, now=now), staff.staff_no


def is_employed(staff: Staff, now: datetime) -> bool:
    """Whether the dates of employment include today, where the person works."""
    today = queries.today_of(staff, now=now)
    return rules.works_on(today, hired_on=staff.hired_on, left_on=staff.left_on)


def authenticate(token: str) -> Principal:
    """Who presents `token`, an access token or an API key; raises BadToken.

    Sign-in, roles and employment are read now, not from the token: who signs out, leaves or loses a role has lost it
    at once. One query by the sign-in's id.
    """
    now = clock.now()
    if token.startswith(KEY_PREFIX):
        return _integrator(token, now)
    staff = queries.find_caller(tokens.read(token, now=now), now=now)
    if staff is None:
        raise tokens.BadToken
    verified = staff["second_factor_at"] is not None
    return _principal(staff, withheld=frozenset() if verified else _need_second_factor(staff["roles"]))


def _need_second_factor(roles: Collection[str]) -> frozenset[str]:
    return MONEY_ROLES & set(roles) if current_app.config["MONEY_SECOND_FACTOR"] else frozenset()


def find_principal(staff_id: UUID, *, now: datetime) -> Principal | None:
    """What a member of staff may do and see at `now`, signed in or not; None when they are not employed then."""
    staff = queries.find_as_caller(staff_id, now=now)
    return None if staff is None else _principal(staff)


def _principal(staff: dict[str, Any], *, withheld: frozenset[str] = frozenset()) -> Principal:
    roles = frozenset(staff["roles"] or {rules.SUPPORT}) - withheld
    return Principal(
        id=staff["id"],
        kind="staff",
        name=staff["name"],
        roles=roles,
        withheld=withheld,
        verified=staff["second_factor_at"] is not None,
        reach=rules.reach_of(roles),
        store_id=staff["store_id"],
        region_id=staff["region_id"],
        cover_store_ids=tuple(staff["cover_store_ids"]),
        session_id=staff["session_id"],
    )


def _integrator(secret: str, now: datetime) -> Principal:
    key = queries.find_api_key(secret_hash(secret), now=now)
    if key is None:
        raise tokens.BadToken
    note_use(key, day=now.date())
    # A machine serves the whole chain; what it may do there is its scopes' affair.
    return Principal(id=key.id, kind="integrator", name=key.name, scopes=frozenset(key.scopes), reach=Reach.ALL)
