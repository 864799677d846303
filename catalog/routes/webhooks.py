"""What Shopify sends when a product changes."""

from datetime import datetime, timedelta
from typing import Any

import msgspec
from flask import request

from catalog import queries, service
from catalog.formats import shopify
from catalog.routes.blueprint import bp
from catalog.schemas import WebhookOut
from kit import clock
from kit.errors import Malformed
from kit.web.auth import public
from kit.web.io import reply

MAX_BODY_BYTES = 4 * 1024 * 1024
UPDATES = ("products/create", "products/update")
DELETION = "products/delete"
# Shopify gives a delivery up after two days.
LATEST_DELIVERY = timedelta(days=3)
CLOCK_DIFFERENCE = timedelta(minutes=5)


class Deleted(msgspec.Struct, forbid_unknown_fields=True):
    """What `products/delete` sends, and nothing else: the topic is not signed, and a product has an id too."""

    id: int


@bp.post("/sources/<source>/shopify-webhooks")
@public
@bp.doc(requestBody={"required": True, "content": {"application/json": {"schema": {"type": "object"}}}})
@reply(WebhookOut)
def take_shopify_webhook(source: str) -> dict[str, Any]:
    """A product as Shopify sends it, signed with the shop's secret: create, update, delete, in any order."""
    request.max_content_length = MAX_BODY_BYTES
    body = request.get_data()
    found = queries.get_source(source)
    signature = request.headers.get("X-Shopify-Hmac-Sha256", "")
    service.check_signature(source=found, signature=signature, body=body)
    topic = request.headers.get("X-Shopify-Topic", "")
    if topic in UPDATES:
        product = _decoded(body, shopify.Product)
        return {"outcome": service.take_product(source=found, product=product, now=clock.now())}
    if topic == DELETION:
        deleted, now = _decoded(body, Deleted), clock.now()
        outcome = service.delete_product(source=found, product_id=deleted.id, at=_triggered_at(now), now=now)
        return {"outcome": outcome}
    return {"outcome": "ignored"}


def _decoded(body: bytes, shape: type[Any]) -> Any:
    try:
        if b"\\u0000" in body:
            raise msgspec.ValidationError("NUL characters are not allowed")
        return msgspec.json.decode(body, type=shape)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed(f"This is not the webhook of a product: {error}") from None


def _triggered_at(now: datetime) -> datetime:
    """When Shopify saw the change. It is not signed, so it may name no time but one that a late delivery could have."""
    given = request.headers.get("X-Shopify-Triggered-At")
    if given is None:
        return now
    try:
        at = datetime.fromisoformat(given)
    except ValueError:
        raise Malformed("X-Shopify-Triggered-At is not a time.") from None
    if at.tzinfo is None or not now - LATEST_DELIVERY <= at <= now + CLOCK_DIFFERENCE:
        raise service.BadSignature("X-Shopify-Triggered-At is more than three days ago, ahead, or without a zone.")
    return at
