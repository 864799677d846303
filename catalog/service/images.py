"""Product pictures."""

from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from kit import storage
from kit.db import db
from models import ProductImage


def add_product_image(*, product_id: UUID, position: int, content: bytes) -> str:
    """Store a JPEG as the product's picture at `position`, in place of the one that was there; answers its key."""
    key = storage.content_key(content, suffix=".jpg")
    storage.put(key, content)
    row = insert(ProductImage).values(product_id=product_id, position=position, storage_key=key)
    replace = row.on_conflict_do_update(index_elements=["product_id", "position"], set_={"storage_key": key})
    db.session.execute(replace)
    return key
