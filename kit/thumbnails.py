"""Pictures as lists show them: drawn when first asked for, then kept beside the files that they are of."""

from pathlib import PurePath

from kit import storage
from kit.images import contain, decode_image, encode_jpeg, encode_webp

SIDE = 320
MAX_BYTES = 20 * 1024 * 1024
MAX_PIXELS = 60_000_000
PICTURES = (".jpg", ".png", ".webp", ".gif")


def thumbnail(key: str, *, webp: bool) -> bytes:
    """The picture stored under `key` at 320 pixels at most, as WebP or JPEG; touches no database.

    Two callers at once may both draw it; they store the same bytes. Raises FileNotStored, also for what is no picture.
    """
    if PurePath(key).suffix not in PICTURES:
        raise storage.FileNotStored
    stored_at = f"thumbnails/{SIDE}/{key}{'.webp' if webp else '.jpg'}"
    if storage.has(stored_at):
        return storage.get(stored_at)
    drawn = _drawn(storage.get(key), webp=webp)
    storage.put(stored_at, drawn)
    return drawn


def _drawn(content: bytes, *, webp: bool) -> bytes:
    picture = decode_image(content, max_pixels=MAX_PIXELS, max_bytes=MAX_BYTES, at_least=(SIDE, SIDE))
    small = contain(picture, (SIDE, SIDE)) if max(picture.size) > SIDE else picture
    return encode_webp(small) if webp else encode_jpeg(small, quality=80)
