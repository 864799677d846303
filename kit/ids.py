"""Identifiers and secrets."""

import hashlib
import secrets
from datetime import datetime
from uuid import UUID

from uuid_utils import compat


def new_id() -> UUID:
    """A fresh UUIDv7 (RFC 9562): sorts by the time it was made."""
    return compat.uuid7()


def first_id_at(at: datetime) -> UUID:
    """The lowest UUIDv7 of that millisecond: what was made before has a lower one."""
    return UUID(int=(int(at.timestamp() * 1000) << 80) | (0x7 << 76) | (0x2 << 62))


def new_token(*, length_bytes: int = 12) -> str:
    """An unguessable URL-safe token of `length_bytes` random bytes."""
    return secrets.token_urlsafe(length_bytes)


def secret_hash(secret: str) -> str:
    """SHA-256 in hex, for looking up high-entropy secrets (API keys, refresh tokens), never passwords."""
    return hashlib.sha256(secret.encode()).hexdigest()
