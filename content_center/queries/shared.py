"""What strangers may see: the page behind a token, and the pictures on it."""

from datetime import datetime
from typing import Any

from sqlalchemy import exists, or_, select, text
from sqlalchemy.dialects.postgresql import array

from catalog import queries as catalog
from content_center.queries.content import PRODUCT_IDS
from kit.db import db, fetch_one
from models import Asset, ContentVersion, ProductImage, Staff

SHARED = text(f"""
SELECT f.id AS forward_id, f.token, f.guide_id, f.store_id, f.shown, f.created_at, f.channel, f.target,
       c.state, c.valid_until, v.title, v.body, v.poster_template, v.asset_ids, {PRODUCT_IDS}
FROM forward f JOIN content c ON c.id = f.content_id JOIN content_version v ON v.id = f.content_version_id
WHERE f.token = :token""")  # noqa: S608 - built from constants


def find_shared(token: str) -> dict[str, Any] | None:
    """What a token shares: the version forwarded then, the state of its content now, and its product ids."""
    return fetch_one(SHARED, {"token": token})


def is_public_file(storage_key: str, *, now: datetime) -> bool:
    """Whether the file is a picture or film of a product, a guide or published content; every other one is private."""
    product = exists().where(ProductImage.storage_key == storage_key)
    portrait = exists().where(Staff.portrait_key == storage_key)
    named = or_(
        *(column == storage_key for column in (Asset.storage_key, Asset.page_key, Asset.thumb_key, Asset.video_key))
    )
    published = exists().where(
        named, ContentVersion.asset_ids.contains(array([Asset.id])), ContentVersion.published_at <= now
    )
    return bool(db.session.scalar(select(or_(product, portrait, published))))


def list_shared_products(shared: dict[str, Any], *, substitutes: int) -> list[dict[str, Any]]:
    """The catalog's cards of the products on a page, as they may be sold in the guide's store right now.

    One that cannot be bought carries up to `substitutes` that can; amounts are minor units.
    """
    store_id = shared["store_id"]
    cards = catalog.list_cards(shared["product_ids"] or (), store_id=store_id)
    for card in cards:
        card["substitutes"] = (
            [] if card["sellable"] else catalog.list_substitutes(card["id"], store_id=store_id, limit=substitutes)
        )
    return cards
