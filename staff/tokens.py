"""Access tokens: short-lived JWTs (RFC 7519) signed with HMAC-SHA256; they name the sign-in, nothing else."""

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from flask import current_app
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from kit.errors import Unauthenticated

ACCESS_LIFETIME = timedelta(minutes=15)
ALGORITHM = "HS256"


class BadToken(Unauthenticated):
    """The token is not ours, is expired, or was revoked."""

    code = "bad_token"


def issue(*, session_id: UUID, staff_id: UUID, now: datetime) -> str:
    """An access token of one sign-in, valid for ACCESS_LIFETIME unless the sign-in ends before."""
    seconds = int(now.timestamp())
    lifetime = int(ACCESS_LIFETIME.total_seconds())
    claims = {"sub": str(staff_id), "sid": str(session_id), "iat": seconds, "exp": seconds + lifetime}
    return jwt.encode({"alg": ALGORITHM}, claims, _key())


def read(token: str, *, now: datetime) -> UUID:
    """The id of the sign-in a token belongs to; raises BadToken."""
    try:
        claims = _signed_claims(token, current_app.config["SECRET_KEY"])
        jwt.JWTClaimsRegistry(now=int(now.timestamp()), exp={"essential": True}).validate(claims)
        return UUID(claims["sid"])
    except (JoseError, KeyError, ValueError, TypeError, AttributeError):
        raise BadToken from None


# The same token comes with every request of its quarter of an hour; whether it has ended is asked each time.
@lru_cache(maxsize=2000)
def _signed_claims(token: str, secret: str) -> dict[str, Any]:
    return jwt.decode(token, OctKey.import_key(secret), algorithms=[ALGORITHM]).claims


def _key() -> OctKey:
    return OctKey.import_key(current_app.config["SECRET_KEY"])
