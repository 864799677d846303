"""Pictures that come in: decoded, re-encoded without metadata, kept once, in the sizes that pages need."""

from hashlib import sha256
from uuid import UUID

from PIL import Image
from sqlalchemy.dialects.postgresql import insert

from content_center import queries
from kit import storage
from kit.db import db
from kit.ids import new_id
from kit.images import contain, decode_image, encode_jpeg
from models import Asset

MAX_BYTES = 20 * 1024 * 1024
MAX_PIXELS = 60_000_000
WHOLE, PAGE, THUMB = (2400, 2400), (1080, 1620), (360, 360)
DEPICTED = ("image/jpeg", "image/png", "image/webp", "image/gif", "image/heic", "image/heif")


def store_picture(data: bytes, *, media_type: str) -> dict[str, str | int]:
    """The columns of an asset for this file, its renditions stored; touches no database.

    Raises ImageRefused: unknown, truncated, too large, or not of the `media_type` that was declared.
    """
    declared = media_type if media_type in DEPICTED else None
    picture = decode_image(data, max_pixels=MAX_PIXELS, max_bytes=MAX_BYTES, media_type=declared)
    return {
        "sha256": sha256(data).hexdigest(),
        "width": picture.width,
        "height": picture.height,
        "storage_key": _rendition(picture, WHOLE),
        "page_key": _rendition(picture, PAGE),
        "thumb_key": _rendition(picture, THUMB),
    }


def add_asset(columns: dict[str, str | int], *, by: UUID) -> UUID:
    """The id of the asset with these columns, which may be there already."""
    row = {"id": new_id(), "created_by": by, **columns}
    statement = insert(Asset).values(row).on_conflict_do_nothing(index_elements=["sha256"])
    db.session.execute(statement)
    return queries.get_asset_id(str(columns["sha256"]))


def _rendition(picture: Image.Image, size: tuple[int, int]) -> str:
    smaller = picture.width > size[0] or picture.height > size[1]
    jpeg = encode_jpeg(contain(picture, size) if smaller else picture)
    key = storage.content_key(jpeg, suffix=".jpg")
    storage.put(key, jpeg)
    return key
