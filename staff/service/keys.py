"""Keys of integrators' servers."""

from datetime import date, datetime, timedelta
from functools import partial
from uuid import UUID

from sqlalchemy import text

from kit.db import after_commit, db, unit_of_work
from kit.errors import Conflict, Invalid
from kit.ids import new_token, secret_hash
from kit.words import say
from models import ApiKey
from staff import queries
from staff.rules import API_SCOPES

KEY_PREFIX = "gk_"
NOTE_USE = text("""
UPDATE api_key SET last_used_on = :day
WHERE id IN (SELECT id FROM api_key WHERE id = :id FOR UPDATE SKIP LOCKED)
""")


class ApiKeyRevoked(Conflict):
    """A revoked key stays revoked: make another."""

    code = "api_key_revoked"


def create_api_key(*, name: str, scopes: list[str], expires_at: datetime | None = None) -> str:
    """A new integrator's key; the answer is the only time it can be seen."""
    return issue_api_key(name=name, scopes=scopes, expires_at=expires_at)[1]


def issue_api_key(*, name: str, scopes: list[str], expires_at: datetime | None) -> tuple[ApiKey, str]:
    """A new integrator's key and its secret; refuses scopes that no route asks for."""
    if unknown := sorted(set(scopes) - API_SCOPES):
        raise Invalid(errors={"scopes": [say("unknown_scope", scope=scope) for scope in unknown]})
    secret = _new_secret()
    key = ApiKey(name=name, scopes=sorted(set(scopes)), secret_hash=secret_hash(secret), expires_at=expires_at)
    db.session.add(key)
    db.session.flush()
    return key, secret


def rotate_api_key(*, key_id: UUID, overlap_hours: int, now: datetime) -> tuple[ApiKey, str]:
    """Another secret for a key; the present one goes on working for `overlap_hours`, an older one stops now."""
    key = queries.lock_api_key(key_id)
    if key.revoked_at is not None:
        raise ApiKeyRevoked
    secret = _new_secret()
    key.previous_hash, key.previous_until = key.secret_hash, now + timedelta(hours=overlap_hours)
    key.secret_hash = secret_hash(secret)
    return key, secret


def revoke_api_key(*, key_id: UUID, now: datetime) -> None:
    """Stop a key with all its secrets, for good; again, and nothing changes."""
    key = queries.lock_api_key(key_id)
    key.revoked_at = key.revoked_at or now


def note_use(key: ApiKey, *, day: date) -> None:
    """Remember that a key was used on a day: written once a day, and not waited for when another request writes it."""
    if key.last_used_on != day:
        # A unit of its own: the request's may be one that only reads.
        after_commit(partial(_write_use, key.id, day))


def _write_use(key_id: UUID, day: date) -> None:
    with unit_of_work():
        db.session.execute(NOTE_USE, {"id": key_id, "day": day})


def _new_secret() -> str:
    return KEY_PREFIX + new_token(length_bytes=24)
