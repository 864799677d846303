"""Sign-ins: begun, carried on by refreshing, listed, ended."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, update

from kit.db import db
from kit.errors import NotFound
from kit.ids import new_id
from models import DeviceSession, Staff
from staff import queries, refresh_tokens, rules, tokens
from staff.refresh_tokens import RefreshToken
from staff.rules import sessions as session_rules
from staff.rules.clients import Caller
from staff.tokens import BadToken


class RefreshTokenReused(BadToken):
    """The token was exchanged before: it was copied, so the sign-in it belongs to has ended."""

    code = "refresh_token_reused"
    keeps_changes = True


class DeviceNotFound(NotFound):
    """There is no such sign-in of yours."""

    code = "device_not_found"


@dataclass(frozen=True, kw_only=True, slots=True)
class SignedIn:
    """What a client holds while signed in."""

    session_id: UUID
    staff_id: UUID
    access_token: str
    refresh_token: str
    expires_at: datetime  # of the sign-in, unless it is carried on
    second_factor_at: datetime | None


def start_session(staff: Staff, *, caller: Caller, now: datetime, second_factor_at: datetime | None = None) -> SignedIn:
    """Sign someone in on a device."""
    session_id = new_id()
    token = refresh_tokens.first(session_id)
    session = DeviceSession(
        id=session_id,
        staff_id=staff.id,
        device_name=caller.device_name[:200],
        client_address=caller.address[:64],
        created_at=now,
        refreshed_at=now,
        expires_at=session_rules.lifetime_of(staff.roles).ends_at(signed_in_at=now, used_at=now),
        refresh_hash=token.hash,
        refresh_generation=token.generation,
        second_factor_at=second_factor_at,
    )
    db.session.add(session)
    return _signed_in(session, token, now=now)


def refresh(*, refresh_token: str, now: datetime) -> SignedIn:
    """The next pair of tokens; raises BadToken, and RefreshTokenReused for a token that was exchanged before.

    Within REFRESH_GRACE of an exchange its token gives the same successor again, as long as nobody used that: an app
    whose answer was lost, or that refreshed twice at once, stays signed in, and the chain never forks.
    """
    given = refresh_tokens.read(refresh_token)
    session = queries.lock_session(given.session_id)
    if session is None or session.revoked_at is not None or session.expires_at <= now:
        raise BadToken
    age = session.refresh_generation - given.generation
    if age < 0 or given.successor(age).hash != session.refresh_hash:
        raise BadToken
    if age == 0:
        return _rotate(session, given, now=now)
    if age == 1 and now - session.refreshed_at <= session_rules.REFRESH_GRACE:
        return _signed_in(session, given.successor(), now=now)
    session.revoked_at = now
    raise RefreshTokenReused


def _rotate(session: DeviceSession, given: RefreshToken, *, now: datetime) -> SignedIn:
    staff = db.session.get_one(Staff, session.staff_id)
    if not rules.works_on(queries.today_of(staff, now=now), hired_on=staff.hired_on, left_on=staff.left_on):
        raise BadToken
    following = given.successor()
    session.refresh_hash = following.hash
    session.refresh_generation = following.generation
    session.refreshed_at = now
    lifetime = session_rules.lifetime_of(staff.roles)
    session.expires_at = lifetime.ends_at(signed_in_at=session.created_at, used_at=now)
    if session.expires_at <= now:
        raise BadToken
    return _signed_in(session, following, now=now)


def _signed_in(session: DeviceSession, token: RefreshToken, *, now: datetime) -> SignedIn:
    return SignedIn(
        session_id=session.id,
        staff_id=session.staff_id,
        access_token=tokens.issue(session_id=session.id, staff_id=session.staff_id, now=now),
        refresh_token=token.write(),
        expires_at=session.expires_at,
        second_factor_at=session.second_factor_at,
    )


def end_session(session_id: UUID, *, staff_id: UUID, now: datetime) -> None:
    """Sign a device of `staff_id` out, its access tokens included; raises DeviceNotFound."""
    ended = db.session.execute(
        update(DeviceSession)
        .where(DeviceSession.id == session_id, DeviceSession.staff_id == staff_id, DeviceSession.revoked_at.is_(None))
        .values(revoked_at=now)
        .returning(DeviceSession.id)
    )
    if ended.first() is None:
        raise DeviceNotFound


def end_all_sessions(staff_id: UUID, *, now: datetime, but: UUID | None = None) -> None:
    """Sign all devices of `staff_id` out, or all `but` one."""
    statement = update(DeviceSession).where(DeviceSession.staff_id == staff_id, DeviceSession.revoked_at.is_(None))
    db.session.execute((statement.where(DeviceSession.id != but) if but else statement).values(revoked_at=now))


def purge_sessions(*, ended_before: datetime) -> None:
    """Forget sign-ins that ended long ago."""
    db.session.execute(delete(DeviceSession).where(DeviceSession.expires_at < ended_before))
