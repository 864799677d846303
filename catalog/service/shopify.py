"""Shopify's product webhooks: unordered, repeated, late; and deletions that name nothing but a number.

Shopify sends again what is not answered by 200, and in the end sends nothing more. So what is signed is answered by
200; what cannot be used is kept as a reject, for people.
"""

import base64
import hashlib
import hmac
from datetime import datetime
from typing import Annotated, TypeVar

import msgspec
from sqlalchemy import text

from catalog.formats import shopify
from catalog.formats.pieces import BadRow, completed
from catalog.formats.values import BadValue, Money
from catalog.items import ProductItem
from catalog.service import apart, names
from catalog.service.judging import lock_source
from catalog.service.sources import BadSignature, live_secrets
from catalog.service.sync import keep_rejections, sync_products
from kit.complaints import read_complaint
from kit.db import db, fetch_one
from kit.words import Said, say
from models import Source

Shape = TypeVar("Shape")
UPDATES = ("products/create", "products/update")
DELETION = "products/delete"
DELETED = text("""
INSERT INTO product_alias (source_id, alias, deleted_version) VALUES (:source_id, :alias, :version)
ON CONFLICT (source_id, alias)
DO UPDATE SET deleted_version = greatest(product_alias.deleted_version, excluded.deleted_version)
RETURNING external_id
""")
DISCONTINUE = text("""
UPDATE product
SET shelf_status = 'discontinued', shelf_reason = 'deleted_at_source', content_digest = NULL, source_version = :version,
    shelf_changed_at = CASE shelf_status WHEN 'discontinued' THEN shelf_changed_at ELSE :now END, updated_at = :now,
    doubtful = false
WHERE source_id = :source_id AND external_id = :external_id AND source_version <= :version
""")


class Deleted(msgspec.Struct, forbid_unknown_fields=True):
    """What `products/delete` sends, and nothing else: the topic is not signed, and a product has an id too."""

    id: Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]


class Unusable(Exception):
    """A webhook whose product cannot be taken, with the reject to keep."""

    def __init__(self, said: Said, external_id: str | None = None) -> None:
        super().__init__(said.word)
        self.reject = {"code": said.code, "said": said, "external_id": external_id and external_id[:255]}


def check_signature(*, source: Source, signature: str, body: bytes) -> None:
    """Raise BadSignature unless `X-Shopify-Hmac-Sha256` is by one of the source's live secrets."""
    made = [hmac.digest(secret.encode(), body, hashlib.sha256) for secret in live_secrets(source)]
    given = signature.encode(errors="replace")
    if not any(hmac.compare_digest(base64.b64encode(one), given) for one in made):
        raise BadSignature


def take_webhook(*, source: Source, topic: str, body: bytes, triggered_at: datetime, now: datetime) -> str:
    """What became of a signed webhook: the outcome of a batch item, or `ignored`.

    `triggered_at` is when Shopify saw the change. What is `rejected` is kept with its reason and changes nothing.
    """
    if source.retired_at is not None:
        return "ignored"
    try:
        with db.session.begin_nested():
            if topic in UPDATES:
                return _take(source, _decoded(body, shopify.Product), now)
            if topic == DELETION:
                return _delete(source, _decoded(body, Deleted).id, triggered_at, now)
    except Unusable as why:
        raw = body[:2000].decode(errors="replace").replace("\x00", "\ufffd")
        keep_rejections(source=source, rejections=[{**why.reject, "raw": raw}])
        return "rejected"
    return "ignored"


def _decoded(body: bytes, shape: type[Shape]) -> Shape:
    try:
        if b"\\u0000" in body:
            raise msgspec.ValidationError("nul_character")
        return msgspec.json.decode(body, type=shape)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Unusable(read_complaint(error)) from None


def _take(source: Source, product: shopify.Product, now: datetime) -> str:
    """A created or updated product; one deleted later than this version stays so."""
    item = _item(source, product)
    lock_source(source.id)
    alias = str(product.id)
    deleted = names.deleted_version(source.id, alias)
    if deleted is not None and deleted >= item.version:
        return "stale"
    codes = [sku.code for sku in item.skus]
    name = names.settle_name(source_id=source.id, alias=alias, name=item.external_id, version=item.version, codes=codes)
    item = apart.apart_from_others(item, source_id=source.id, name=name)
    [outcome] = sync_products(source=source, items=[item], names=[name], careful=True, now=now)
    if outcome["outcome"] == "rejected":
        raise Unusable(outcome["detail"], item.external_id)
    names.remember_alias(source_id=source.id, alias=alias, name=name)
    return str(outcome["outcome"])


def _item(source: Source, product: shopify.Product) -> ProductItem:
    try:
        whole = completed(shopify.piece_of(product, money=Money(source.currency)))
    except BadValue as error:
        raise Unusable(error.said, product.handle) from None
    except (ValueError, OverflowError):
        raise Unusable(say("invalid_item.at", path="updated_at", what=say("not_a_time")), product.handle) from None
    if isinstance(whole, BadRow):
        raise Unusable(whole.said, product.handle)
    return ProductItem(**{name: getattr(whole, name) for name in whole.__struct_fields__})


def _delete(source: Source, product_id: int, at: datetime, now: datetime) -> str:
    """Discontinue what the platform deleted at `at`; also before it was ever seen, so that a late create is stale."""
    version = shopify.milliseconds(at)
    lock_source(source.id)
    parameters = {"source_id": source.id, "alias": str(product_id), "version": version}
    known = fetch_one(DELETED, parameters) or {}
    changed = db.session.execute(DISCONTINUE, {**parameters, "external_id": known["external_id"], "now": now})
    return "updated" if changed.rowcount else "stale"  # type: ignore[attr-defined]
