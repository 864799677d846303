"""Product pictures, each with a small one for lists."""

from uuid import UUID

from PIL import Image
from sqlalchemy.dialects.postgresql import insert

from kit import storage
from kit.db import db
from kit.images import contain, decode_image, encode_jpeg
from models import ProductImage

MAX_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 40_000_000
THUMBNAIL_SIDE = 320  # pixels


def add_product_image(*, product_id: UUID, position: int, content: bytes) -> str:
    """Store a JPEG as the product's picture at `position`, in place of the one that was there; answers its key."""
    picture = decode_image(content, max_pixels=MAX_PIXELS, max_bytes=MAX_BYTES)
    keys = {"storage_key": store_jpeg(content), "thumbnail_key": store_thumbnail(picture)}
    row = insert(ProductImage).values(product_id=product_id, position=position, **keys)
    db.session.execute(row.on_conflict_do_update(index_elements=["product_id", "position"], set_=keys))
    return keys["storage_key"]


def store_jpeg(content: bytes) -> str:
    """The key of a JPEG that is now stored."""
    key = storage.content_key(content, suffix=".jpg")
    storage.put(key, content)
    return key


def store_thumbnail(picture: Image.Image) -> str:
    """The key of the picture at the size of a list, never enlarged."""
    size = (THUMBNAIL_SIDE, THUMBNAIL_SIDE)
    return store_jpeg(encode_jpeg(contain(picture, size) if max(picture.size) > THUMBNAIL_SIDE else picture))
