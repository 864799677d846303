"""What Shopify sends when a product changes."""

from datetime import datetime
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


class Deleted(msgspec.Struct):
    """What `products/delete` sends."""

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
        deleted = _decoded(body, Deleted)
        outcome = service.delete_product(source=found, product_id=deleted.id, at=_triggered_at(), now=clock.now())
        return {"outcome": outcome}
    return {"outcome": "ignored"}


def _decoded(body: bytes, shape: type[Any]) -> Any:
    try:
        if b"\\u0000" in body:
            raise msgspec.ValidationError("NUL characters are not allowed")
        return msgspec.json.decode(body, type=shape)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Malformed(f"This is not the webhook of a product: {error}") from None


def _triggered_at() -> datetime:
    """When Shopify saw the change; deliveries may be a day late."""
    try:
        at = datetime.fromisoformat(request.headers.get("X-Shopify-Triggered-At", ""))
    except ValueError:
        return clock.now()
    return at if at.tzinfo else clock.now()
