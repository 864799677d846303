"""Reads of integrators' keys."""

from sqlalchemy import select

from kit.db import db
from models import ApiKey


def find_api_key(secret_hash: str) -> ApiKey | None:
    """The key with this hash, expired or not."""
    return db.session.scalar(select(ApiKey).where(ApiKey.secret_hash == secret_hash))
