"""Keys of integrators' servers."""

from datetime import datetime

from kit.db import db
from kit.ids import new_token, secret_hash
from models import ApiKey

KEY_PREFIX = "gk_"


def create_api_key(*, name: str, scopes: list[str], expires_at: datetime | None = None) -> str:
    """A new integrator's key; the answer is the only time it can be seen."""
    secret = KEY_PREFIX + new_token(length_bytes=24)
    db.session.add(ApiKey(name=name, scopes=scopes, secret_hash=secret_hash(secret), expires_at=expires_at))
    return secret
