"""Shopify's product webhooks: unordered, repeated, late; and deletions that name nothing but a number."""

import base64
import hashlib
import hmac
from datetime import datetime

from sqlalchemy import text

from catalog.formats import shopify
from catalog.formats.pieces import BadRow, completed
from catalog.formats.values import BadValue, Money
from catalog.items import ProductItem
from catalog.service.judging import LOCK_SOURCE
from catalog.service.sources import BadSignature, live_secrets
from catalog.service.sync import sync_products
from kit.db import db, fetch_one
from kit.errors import Invalid
from models import Source

ALIAS = text("""
INSERT INTO product_alias (source_id, alias, external_id) VALUES (:source_id, :alias, :external_id)
ON CONFLICT (source_id, alias) DO UPDATE SET external_id = coalesce(product_alias.external_id, excluded.external_id)
RETURNING external_id, deleted_version
""")
DELETED = text("""
INSERT INTO product_alias (source_id, alias, deleted_version) VALUES (:source_id, :alias, :version)
ON CONFLICT (source_id, alias)
DO UPDATE SET deleted_version = greatest(product_alias.deleted_version, excluded.deleted_version)
RETURNING external_id
""")
DISCONTINUE = text("""
UPDATE product
SET shelf_status = 'discontinued', shelf_reason = 'deleted_at_source', content_digest = NULL, source_version = :version,
    shelf_changed_at = CASE shelf_status WHEN 'discontinued' THEN shelf_changed_at ELSE :now END, updated_at = :now
WHERE source_id = :source_id AND external_id = :external_id AND source_version <= :version
""")


class ProductUnusable(Invalid):
    """The product of the webhook cannot be taken; `detail` says why."""

    code = "product_unusable"
    title = "This product cannot be taken"


def check_signature(*, source: Source, signature: str, body: bytes) -> None:
    """Raise BadSignature unless `X-Shopify-Hmac-Sha256` is by one of the source's live secrets."""
    made = [hmac.digest(secret.encode(), body, hashlib.sha256) for secret in live_secrets(source)]
    given = signature.encode(errors="replace")
    if not any(hmac.compare_digest(base64.b64encode(one), given) for one in made):
        raise BadSignature


def take_product(*, source: Source, product: shopify.Product, now: datetime) -> str:
    """The outcome of a created or updated product; one deleted later than this version stays so.

    Raises ProductUnusable.
    """
    try:
        piece = shopify.piece_of(product, money=Money(source.currency))
    except BadValue as error:
        raise ProductUnusable(error.detail) from None
    whole = completed(piece)
    if isinstance(whole, BadRow) or whole.version is None:
        raise ProductUnusable(whole.detail if isinstance(whole, BadRow) else None)
    db.session.execute(LOCK_SOURCE, {"source_id": source.id})
    parameters = {"source_id": source.id, "alias": str(product.id), "external_id": whole.external_id}
    known = fetch_one(ALIAS, parameters) or {}
    if known["deleted_version"] is not None and known["deleted_version"] >= whole.version:
        return "stale"
    # The number stays when a shop renames the handle.
    fields = {name: getattr(whole, name) for name in whole.__struct_fields__}
    item = ProductItem(**{**fields, "external_id": known["external_id"]})
    [outcome] = sync_products(source=source, items=[item], now=now)
    if outcome["outcome"] == "rejected":
        raise ProductUnusable(outcome["detail"])
    return str(outcome["outcome"])


def delete_product(*, source: Source, product_id: int, at: datetime, now: datetime) -> str:
    """Discontinue what the platform deleted at `at`; also before it was ever seen, so that a late create is stale."""
    version = shopify.milliseconds(at)
    db.session.execute(LOCK_SOURCE, {"source_id": source.id})
    parameters = {"source_id": source.id, "alias": str(product_id), "version": version}
    known = fetch_one(DELETED, parameters) or {}
    changed = db.session.execute(DISCONTINUE, {**parameters, "external_id": known["external_id"], "now": now})
    return "updated" if changed.rowcount else "stale"  # type: ignore[attr-defined]
