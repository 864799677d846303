"""Who gets in, and who is asking."""

from datetime import datetime
from uuid import UUID

from kit import clock
from kit.errors import Unauthenticated
from kit.ids import secret_hash
from kit.principal import Principal
from models import Staff
from staff import passwords, queries, rules, tokens
from staff.service.keys import KEY_PREFIX


class BadCredentials(Unauthenticated):
    """Staff number and password do not belong together; which of the two is wrong is not told."""

    code = "bad_credentials"
    title = "Staff number or password is wrong"


def sign_in(*, staff_no: str, password: str, now: datetime) -> str:
    """An access token for a member of staff employed today; raises BadCredentials."""
    staff = queries.find_staff_by_no(staff_no)
    matches = passwords.password_matches(staff.password_hash if staff else None, password)
    if staff is None or not matches or not _works(staff, now):
        raise BadCredentials
    return tokens.issue(staff_id=staff.id, now=now)


def authenticate(token: str) -> Principal:
    """Who presents `token`, an access token or an API key; raises BadToken.

    Roles and employment are read now, not from the token: a person who left or lost a role has lost it at once.
    """
    now = clock.now()
    if token.startswith(KEY_PREFIX):
        return _integrator(token, now)
    caller = find_principal(tokens.read(token, now=now), now=now)
    if caller is None:
        raise tokens.BadToken
    return caller


def find_principal(staff_id: UUID, *, now: datetime) -> Principal | None:
    """What a member of staff may do and see at `now`; None when they are not employed then."""
    staff = queries.find_caller(staff_id, now=now)
    if staff is None:
        return None
    return Principal(
        id=staff["id"],
        kind="staff",
        name=staff["name"],
        roles=frozenset(staff["roles"]),
        reach=rules.reach_of(staff["roles"]),
        store_id=staff["store_id"],
        region_id=staff["region_id"],
        cover_store_ids=tuple(staff["cover_store_ids"]),
    )


def _works(staff: Staff, now: datetime) -> bool:
    return rules.works_on(now.date(), hired_on=staff.hired_on, left_on=staff.left_on)


def _integrator(secret: str, now: datetime) -> Principal:
    key = queries.find_api_key(secret_hash(secret))
    if key is None or (key.expires_at is not None and key.expires_at <= now):
        raise tokens.BadToken
    return Principal(id=key.id, kind="integrator", name=key.name, scopes=frozenset(key.scopes))
