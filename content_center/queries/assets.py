"""Pictures and films of content."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import array, distinct_on

from kit.db import db, fetch_all
from kit.errors import Conflict, NotFound
from kit.links import file_url, thumbnail_url
from models import Asset, Content, ContentVersion

COLUMNS = (
    Asset.id,
    Asset.width,
    Asset.height,
    Asset.storage_key,
    Asset.page_key,
    Asset.video_key,
    Asset.video_bytes,
    Asset.duration_ms,
)


class AssetNotFound(NotFound):
    """There is no such picture or film."""

    code = "asset_not_found"


class AssetHidden(Conflict):
    """This very file was taken down everywhere; it does not come in again."""

    code = "asset_hidden"


def find_asset_id(sha256: str) -> UUID | None:
    """The asset that an upload with this SHA-256 (hex) became; raises AssetHidden where it was taken down."""
    found = db.session.execute(select(Asset.id, Asset.hidden_at).where(Asset.sha256 == sha256)).one_or_none()
    if found is not None and found.hidden_at is not None:
        raise AssetHidden
    return found.id if found else None


def get_asset_id(sha256: str) -> UUID:
    """Like `find_asset_id`; raises AssetNotFound."""
    asset_id = find_asset_id(sha256)
    if asset_id is None:
        raise AssetNotFound
    return asset_id


def list_assets(asset_ids: Collection[UUID]) -> list[dict[str, Any]]:
    """These pictures and films in this order, with the storage keys of their renditions; not what was taken down."""
    shown = select(*COLUMNS).where(Asset.id.in_(asset_ids), Asset.hidden_at.is_(None))
    rows = {row["id"]: row for row in fetch_all(shown)} if asset_ids else {}
    return [rows[id_] for id_ in asset_ids if id_ in rows]


def with_assets(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows, each with the pictures and films of its version that were not taken down, in place of their ids."""
    found = {asset["id"]: asset for asset in list_assets({id_ for row in rows for id_ in row["asset_ids"]})}
    for row in rows:
        row["assets"] = [found[id_] for id_ in row.pop("asset_ids") if id_ in found]
    return rows


def list_uses(asset_ids: Collection[UUID], *, besides: UUID) -> dict[UUID, list[dict[str, Any]]]:
    """The contents besides one whose versions have these assets: content_id, state and newest title, by asset."""
    statement = (
        select(Asset.id, ContentVersion.content_id, Content.state, ContentVersion.title)
        .join(ContentVersion, ContentVersion.asset_ids.contains(array([Asset.id])))
        .join(Content, Content.id == ContentVersion.content_id)
        .where(Asset.id.in_(asset_ids), Content.id != besides)
        .order_by(Asset.id, ContentVersion.content_id, ContentVersion.number.desc())
        .ext(distinct_on(Asset.id, ContentVersion.content_id))
    )
    found: dict[UUID, list[dict[str, Any]]] = {}
    for asset_id, content_id, state, title in db.session.execute(statement):
        found.setdefault(asset_id, []).append({"content_id": content_id, "state": state, "title": title})
    return found


def as_asset(row: dict[str, Any]) -> dict[str, Any]:
    """A picture or film as clients see it, with the addresses of its renditions."""
    return {
        "id": row["id"],
        "width": row["width"],
        "height": row["height"],
        "url": file_url(row["storage_key"]),
        "page_url": file_url(row["page_key"]),
        "thumbnail_url": thumbnail_url(row["storage_key"]),
        "video_url": file_url(row["video_key"]),
        "video_bytes": row["video_bytes"],
        "duration_ms": row["duration_ms"],
    }
