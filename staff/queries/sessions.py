"""Reads of sign-ins."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, exists, select, text

from kit.db import db, fetch_all, fetch_one
from models import DeviceSession, PasswordReset, SignInCode, Totp, TotpEnrolment
from staff.queries.stores import Home

# Read at every request: text, so that no statement is built and compiled each time. Store roles and stores are those of
# the placements of today, there: at home the roles held at home, and elsewhere no more than those.
AS_CALLER = """
SELECT s.id, s.name, p.home_id AS store_id, s.region_id, coalesce(p.cover_ids, '{{}}') AS cover_store_ids, ARRAY(
  SELECT r FROM unnest(s.roles) r WHERE r NOT IN ('guide', 'store_manager')
) || coalesce(p.home_roles, p.cover_roles, '{{}}') AS roles, {session}
CROSS JOIN LATERAL (
  SELECT (array_agg(store_id) FILTER (WHERE kind = 'home' AND store_id = newest_id))[1] AS home_id,
         array_agg(DISTINCT store_id) FILTER (WHERE kind = 'cover') AS cover_ids,
         array_agg(DISTINCT role) FILTER (WHERE kind = 'home' AND store_id = newest_id AND role <> 'support')
           AS home_roles,
         array_agg(DISTINCT role) FILTER (WHERE kind = 'cover' AND role <> 'support') AS cover_roles
  FROM (
    -- Moving east, the new day begins before the old one ends.
    SELECT p.store_id, p.kind, CAST(p.role AS text) AS role,
           first_value(p.store_id) OVER (PARTITION BY p.kind ORDER BY p.first_day DESC) AS newest_id
    FROM placement p JOIN store t ON t.id = p.store_id
    WHERE p.staff_id = s.id AND CAST(CAST(:now AS timestamptz) AT TIME ZONE t.time_zone AS date)
          BETWEEN p.first_day AND coalesce(p.last_day, 'infinity')
  ) running
) p
LEFT JOIN store h ON h.id = s.store_id
WHERE {row} AND CAST(CAST(:now AS timestamptz) AT TIME ZONE coalesce(h.time_zone, :zone) AS date)
      BETWEEN s.hired_on AND coalesce(s.left_on, 'infinity')"""

BY_SESSION = text(
    AS_CALLER.format(
        session="d.id AS session_id, d.second_factor_at FROM device_session d JOIN staff s ON s.id = d.staff_id",
        row="d.id = :id AND d.revoked_at IS NULL AND d.expires_at > :now",
    )
)
BY_STAFF = text(AS_CALLER.format(session="NULL AS session_id, NULL AS second_factor_at FROM staff s", row="s.id = :id"))


def find_caller(session_id: UUID, *, now: datetime) -> dict[str, Any] | None:
    """Who is signed in: roles and places now, and the stores they cover today, there; None once it has ended."""
    return fetch_one(BY_SESSION, {"id": session_id, "now": now, "zone": Home().time_zone})


def find_as_caller(staff_id: UUID, *, now: datetime) -> dict[str, Any] | None:
    """The same of a member of staff who need not be signed in; None when they are not employed then."""
    return fetch_one(BY_STAFF, {"id": staff_id, "now": now, "zone": Home().time_zone})


def is_live(now: datetime) -> ColumnElement[bool]:
    """True for sign-ins that were not signed out and have not ended by themselves."""
    return DeviceSession.revoked_at.is_(None) & (DeviceSession.expires_at > now)


def lock_session(session_id: UUID) -> DeviceSession | None:
    """A sign-in, kept from other changes until the unit of work ends."""
    statement = select(DeviceSession).where(DeviceSession.id == session_id).with_for_update()
    return db.session.scalar(statement.execution_options(populate_existing=True))


def list_devices(staff_id: UUID, *, now: datetime) -> list[dict[str, Any]]:
    """The live sign-ins of a member of staff, the latest used first."""
    columns = (
        DeviceSession.id,
        DeviceSession.device_name,
        DeviceSession.client_address,
        DeviceSession.created_at,
        DeviceSession.refreshed_at,
        DeviceSession.expires_at,
    )
    statement = (
        select(*columns)
        .where(DeviceSession.staff_id == staff_id, is_live(now))
        .order_by(DeviceSession.refreshed_at.desc(), DeviceSession.id)
        .limit(100)
    )
    return list(fetch_all(statement))


def lock_totp(staff_id: UUID) -> Totp | None:
    """Someone's authenticator app, kept from being asked twice at once."""
    statement = select(Totp).where(Totp.staff_id == staff_id).with_for_update()
    return db.session.scalar(statement.execution_options(populate_existing=True))


def has_second_factor(staff_id: UUID) -> bool:
    """Whether someone has an authenticator app that works."""
    return bool(db.session.scalar(select(exists().where(Totp.staff_id == staff_id))))


def find_enrolment(staff_id: UUID, *, now: datetime) -> TotpEnrolment | None:
    """The authenticator app that someone is about to enrol."""
    mine = TotpEnrolment.staff_id == staff_id
    return db.session.scalar(select(TotpEnrolment).where(mine, TotpEnrolment.expires_at > now))


def lock_sign_in_code(challenge_id: UUID) -> SignInCode | None:
    """A code that was sent, kept from being tried twice at once."""
    statement = select(SignInCode).where(SignInCode.id == challenge_id).with_for_update()
    return db.session.scalar(statement.execution_options(populate_existing=True))


def list_owed_codes(*, asked_before: datetime, now: datetime) -> list[UUID]:
    """Codes that were asked for before, still hold and were not sent, the first asked first."""
    owed = SignInCode.settled_at.is_(None) & (SignInCode.created_at <= asked_before) & (SignInCode.expires_at > now)
    return list(db.session.scalars(select(SignInCode.id).where(owed).order_by(SignInCode.created_at).limit(1_000)))


def lock_password_reset(code_hash: str) -> PasswordReset | None:
    """The reset with this code, kept from being used twice at once."""
    return db.session.scalar(select(PasswordReset).where(PasswordReset.code_hash == code_hash).with_for_update())
