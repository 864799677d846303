"""Keys of integrators' servers: made, replaced, revoked."""

from datetime import datetime
from typing import Any
from uuid import UUID

from kit import clock
from kit.web.auth import auth
from kit.web.idempotency import unkept
from kit.web.io import NothingOut, body, query, reply
from kit.web.paging import PageIn, page
from kit.web.refusals import refuses
from models import ApiKey
from staff import queries, service
from staff.queries.keys import ApiKeyNotFound
from staff.routes.blueprint import bp
from staff.schemas.keys import ApiKeyIn, ApiKeyPageOut, ApiKeySecretOut, RotationIn
from staff.service.keys import ApiKeyRevoked

ADMIN = {"hq_admin"}


@bp.post("/api-keys")
@auth(roles=ADMIN)
@unkept
@body(ApiKeyIn)
@reply(ApiKeySecretOut, 201)
def create_api_key(name: str, scopes: list[str], expires_at: datetime | None) -> dict[str, Any]:
    """Make a key for an integrator's server; its secret is shown this once."""
    key, secret = service.issue_api_key(name=name, scopes=scopes, expires_at=expires_at)
    return _shown(key, secret)


@bp.get("/api-keys")
@auth(roles=ADMIN)
@query(PageIn)
@reply(ApiKeyPageOut)
def list_api_keys(limit: int, cursor: str | None) -> dict[str, Any]:
    """Keys, the newest first, with when each was last used."""
    return page(
        lambda after, count: queries.list_api_keys(after=after, limit=count),
        name="api-keys",
        cursor=cursor,
        limit=limit,
        key=lambda row: [str(row["id"])],
    )


@bp.post("/api-keys/<uuid:key_id>/rotations")
@auth(roles=ADMIN)
@refuses(ApiKeyNotFound, ApiKeyRevoked)
@unkept
@body(RotationIn)
@reply(ApiKeySecretOut, 201)
def rotate_api_key(key_id: UUID, overlap_hours: int) -> dict[str, Any]:
    """Give a key another secret, shown this once; the present one goes on working for a while."""
    key, secret = service.rotate_api_key(key_id=key_id, overlap_hours=overlap_hours, now=clock.now())
    return _shown(key, secret)


@bp.delete("/api-keys/<uuid:key_id>")
@auth(roles=ADMIN)
@refuses(ApiKeyNotFound)
@reply(NothingOut, 200)
def revoke_api_key(key_id: UUID) -> dict[str, Any]:
    """Stop a key at once and for good."""
    service.revoke_api_key(key_id=key_id, now=clock.now())
    return {}


def _shown(key: ApiKey, secret: str) -> dict[str, Any]:
    return {column.key: getattr(key, column.key) for column in queries.API_KEY_COLUMNS} | {"secret": secret}
