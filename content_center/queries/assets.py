"""Pictures and films of content."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import select

from content_center import links
from kit.db import db, fetch_all
from kit.errors import NotFound
from models import Asset

COLUMNS = (
    Asset.id,
    Asset.width,
    Asset.height,
    Asset.storage_key,
    Asset.page_key,
    Asset.thumb_key,
    Asset.video_key,
    Asset.video_bytes,
    Asset.duration_ms,
)


class AssetNotFound(NotFound):
    """There is no such picture or film."""

    code = "asset_not_found"


def find_asset_id(sha256: str) -> UUID | None:
    """The asset that an upload with this SHA-256 (hex) became."""
    return db.session.scalar(select(Asset.id).where(Asset.sha256 == sha256))


def get_asset_id(sha256: str) -> UUID:
    """Like `find_asset_id`; raises AssetNotFound."""
    asset_id = find_asset_id(sha256)
    if asset_id is None:
        raise AssetNotFound
    return asset_id


def list_assets(asset_ids: Collection[UUID]) -> list[dict[str, Any]]:
    """These pictures and films in this order, with the storage keys of their renditions."""
    rows = {row["id"]: row for row in fetch_all(select(*COLUMNS).where(Asset.id.in_(asset_ids)))} if asset_ids else {}
    return [rows[id_] for id_ in asset_ids if id_ in rows]


def as_asset(row: dict[str, Any]) -> dict[str, Any]:
    """A picture or film as clients see it, with the addresses of its renditions."""
    return {
        "id": row["id"],
        "width": row["width"],
        "height": row["height"],
        "url": links.file_url(row["storage_key"]),
        "page_url": links.file_url(row["page_key"]),
        "thumb_url": links.file_url(row["thumb_key"]),
        "video_url": links.file_url(row["video_key"]),
        "video_bytes": row["video_bytes"],
        "duration_ms": row["duration_ms"],
    }
