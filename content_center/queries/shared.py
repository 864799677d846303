"""What strangers may see: the page behind a token, and the pictures on it."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import exists, or_, select, text
from sqlalchemy.dialects.postgresql import array

from catalog import queries as catalog
from content_center.queries.content import PRODUCT_IDS
from content_center.queries.forwards import IS_ONE, KEY_OF_TOKEN, ONE
from kit.db import db, fetch_one
from models import Asset, Content, ContentVersion, ProductImage, Staff

SHARED = text(f"""
SELECT f.id AS forward_id, CAST(:token AS text) AS token, f.guide_id, g.portrait_key, f.store_id, said.shown,
       f.created_at, f.channel, f.target, c.state, c.hidden_reason, c.valid_until, v.title, v.body, v.poster_template,
       v.asset_ids, {PRODUCT_IDS}
FROM {ONE}
     JOIN content c ON c.id = f.content_id JOIN content_version v ON v.id = f.content_version_id
     JOIN staff g ON g.id = f.guide_id
WHERE {IS_ONE}""")  # noqa: S608 - built from constants


def find_shared(token: str) -> dict[str, Any] | None:
    """What a token shares: the version forwarded then; state, product ids and the guide's portrait as they are now."""
    key = fetch_one(KEY_OF_TOKEN, {"token": token})
    return key and fetch_one(SHARED, key)


class FileUse(NamedTuple):
    """Who may have a stored file: everybody, nobody any more, or those who make content with it."""

    public: bool
    taken_down: bool
    of_asset: bool


def find_file_use(storage_key: str, *, now: datetime) -> FileUse:
    """What a file is to strangers: of a product, a guide or published content it is public, unless it was taken down.

    Every file that is nothing of the sort is private.
    """
    product = exists().where(ProductImage.storage_key == storage_key)
    portrait = exists().where(Staff.portrait_key == storage_key)
    named = or_(*(column == storage_key for column in (Asset.storage_key, Asset.page_key, Asset.video_key)))
    live = ContentVersion.published_at <= now
    used = exists().where(
        named, ContentVersion.asset_ids.contains(array([Asset.id])), live, Content.id == ContentVersion.content_id
    )
    hidden = exists().where(named, Asset.hidden_at.is_not(None))
    shown, gone = used.where(Content.hidden_at.is_(None)), used.where(Content.hidden_at.is_not(None))
    public = ~hidden & or_(product, portrait, shown)
    row = db.session.execute(select(public, or_(hidden, gone), exists().where(named) & ~hidden)).one()
    return FileUse(*row)


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
