"""What Shopify sends when a product changes."""

from datetime import datetime, timedelta
from typing import Any

from flask import request

from catalog import queries, service
from catalog.queries.sources import SourceNotFound
from catalog.routes.blueprint import bp
from catalog.schemas.sources import WebhookOut
from catalog.service.merge import SkuRace
from catalog.service.sources import BadSignature
from kit import clock
from kit.errors import Malformed
from kit.web.asked import lenient
from kit.web.auth import public
from kit.web.io import reply
from kit.web.refusals import refuses
from kit.words import say

# 2,048 variants, with room.
MAX_BODY_BYTES = 8 * 1024 * 1024
# Shopify gives a delivery up after two days.
LATEST_DELIVERY = timedelta(days=3)
CLOCK_DIFFERENCE = timedelta(minutes=5)


@bp.post("/sources/<source>/shopify-webhooks")
@public
@refuses(BadSignature, Malformed, SkuRace, SourceNotFound)
@lenient
@bp.doc(requestBody={"required": True, "content": {"application/json": {"schema": {"type": "object"}}}})
@reply(WebhookOut)
def take_shopify_webhook(source: str) -> dict[str, Any]:
    """A product as Shopify sends it, signed with the shop's secret: create, update, delete, in any order.

    What cannot be used is `rejected` and kept among the source's rejects.
    """
    request.max_content_length = MAX_BODY_BYTES
    body = request.get_data()
    found = queries.get_source(source)
    signature = request.headers.get("X-Shopify-Hmac-Sha256", "")
    service.check_signature(source=found, signature=signature, body=body)
    topic = request.headers.get("X-Shopify-Topic", "")
    now = clock.now()
    # Of updates the time stands in the product, signed.
    at = _triggered_at(now) if topic == service.DELETION else now
    return {"outcome": service.take_webhook(source=found, topic=topic, body=body, triggered_at=at, now=now)}


def _triggered_at(now: datetime) -> datetime:
    """When Shopify saw the change. It is not signed, so it may name no time but one that a late delivery could have."""
    given = request.headers.get("X-Shopify-Triggered-At")
    if given is None:
        return now
    try:
        at = datetime.fromisoformat(given)
    except ValueError:
        raise Malformed(say("malformed.not_a_time", header="X-Shopify-Triggered-At")) from None
    if at.tzinfo is None or not now - LATEST_DELIVERY <= at <= now + CLOCK_DIFFERENCE:
        raise service.BadSignature(say("bad_signature.triggered_at"))
    return at
