"""Portraits of people: made safe, kept under what is on them, shown on posters and pages."""

from typing import BinaryIO
from uuid import UUID

from kit import quotas, storage
from kit.errors import TooLarge
from kit.images import contain, decode_image, encode_jpeg
from staff import queries

MAX_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 40_000_000
SIZE = (640, 640)
# New portraits of one person's making within 24 hours: an administrator may bring those of a whole chain.
MAX_DAY_FILES = 2_000
MAX_DAY_BYTES = 4 * 1024**3
DEPICTED = ("image/jpeg", "image/png", "image/webp", "image/gif", "image/heic", "image/heif")


def store_portrait(file: BinaryIO, *, media_type: str, by: UUID) -> str:
    """The storage key of a portrait without metadata, 640 pixels at most; touches no database.

    Raises ImageRefused (no picture, cut short, too large, not what it is declared as), TooLarge, UploadQuotaReached.
    """
    file.seek(0)
    data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise TooLarge(max_bytes=MAX_BYTES)
    quotas.spend(f"portraits:{by}", size_bytes=len(data), max_files=MAX_DAY_FILES, max_bytes=MAX_DAY_BYTES)
    declared = media_type if media_type in DEPICTED else None
    picture = decode_image(data, max_pixels=MAX_PIXELS, max_bytes=MAX_BYTES, media_type=declared, at_least=SIZE)
    jpeg = encode_jpeg(contain(picture, SIZE) if max(picture.size) > max(SIZE) else picture)
    key = storage.content_key(jpeg, suffix=".jpg")
    storage.put(key, jpeg)
    return key


def set_portrait(staff_id: UUID, storage_key: str | None) -> None:
    """Show this portrait of a member of staff from now on, on what was shared before, too; None: none any more.

    Raises StaffNotFound.
    """
    queries.lock_person(staff_id).portrait_key = storage_key
