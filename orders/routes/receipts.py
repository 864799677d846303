"""Orders from tills and shops, and who gets credit for them."""

from typing import Any
from uuid import UUID

from catalog.queries.sources import SourceNotFound
from catalog.routes.signatures import signature_holds
from catalog.service.sources import BadSignature, SignatureRequired
from kit import clock
from kit.web.auth import auth, principal
from kit.web.batch import Rejection, batch, outcomes
from kit.web.io import reply
from kit.web.refusals import refuses
from orders import present, queries, service
from orders.incoming import OrderItem
from orders.incoming_footfall import FootfallItem
from orders.incoming_refunds import RefundItem
from orders.queries.reading import OrderNotFound
from orders.queries.refunds import RefundNotFound
from orders.routes.blueprint import bp
from orders.schemas import AttributionOut, OrderOut, RefundOut
from staff.rules import ANY_STAFF

BATCH_LIMIT = 1000


@bp.post("/sources/<source>/orders")
@auth(scope="orders:write")
@refuses(BadSignature, SignatureRequired, SourceNotFound)
@signature_holds
@batch(OrderItem, limit=BATCH_LIMIT)
def create_orders(source: str, items: list[tuple[int, OrderItem]], rejections: list[Rejection]) -> dict[str, Any]:
    """Take in orders of a source; each is the whole receipt, and sending it again changes nothing.

    Negative lines take something back: of the sale that they name, or, where the till knows none, by what they say.
    Of several versions in a batch the newest sound one is taken. Rejected with `unknown_store`, `unknown_guide`,
    `crooked_line`, `crooked_shares`, `duplicate_line`, `currency_changed`, `version_reused`, `implausible_time`,
    `bad_member_no`, `broken_by_spreadsheet` or `invalid_item`; what is rejected is kept until it is mended. A SKU that
    no feed has brought yet is kept, too.
    """
    found = service.ingest_orders(source=source, items=items, unreadable=_unreadable(rejections), now=clock.now())
    return outcomes(found, rejections)


@bp.post("/sources/<source>/refunds")
@auth(scope="orders:write")
@refuses(BadSignature, SignatureRequired, SourceNotFound)
@signature_holds
@batch(RefundItem, limit=BATCH_LIMIT)
def create_refunds(source: str, items: list[tuple[int, RefundItem]], rejections: list[Rejection]) -> dict[str, Any]:
    """Take in refunds of a source: of pieces, of an amount, of a whole order, or without a known order.

    A refund may come before its order. Each is the whole document, and sending it again changes nothing; a later
    version with `cancelled` takes it back. Rejected with `unknown_store`, `unknown_guide`, `crooked_refund`,
    `crooked_shares`, `duplicate_line`, `refund_currency`, `currency_changed`, `version_reused`, `implausible_time`,
    `broken_by_spreadsheet` or `invalid_item`; what is rejected is kept until it is mended.
    """
    found = service.ingest_refunds(source=source, items=items, unreadable=_unreadable(rejections), now=clock.now())
    return outcomes(found, rejections)


@bp.post("/sources/<source>/footfall")
@auth(scope="orders:write")
@refuses(BadSignature, SignatureRequired, SourceNotFound)
@signature_holds
@batch(FootfallItem, limit=BATCH_LIMIT)
def create_footfall(source: str, items: list[tuple[int, FootfallItem]], rejections: list[Rejection]) -> dict[str, Any]:
    """Take in how many people came into stores, by hour; sending an hour again changes nothing.

    A higher version of an hour replaces its count; what several sources count in one store adds up. Rejected with
    `unknown_store`, `implausible_time`, `version_reused` or `invalid_item`, the others are taken.
    """
    return outcomes(service.ingest_footfall(source=source, items=items, now=clock.now()), rejections)


def _unreadable(rejections: list[Rejection]) -> list[service.Unreadable]:
    return [service.Unreadable(one.external_id, one.said, one.raw) for one in rejections]


@bp.get("/refunds/<uuid:refund_id>")
@auth(roles=ANY_STAFF)
@refuses(RefundNotFound)
@reply(RefundOut)
def get_refund(refund_id: UUID) -> dict[str, Any]:
    """A refund that a store I see gave back, or that lessens my credit, and what it comes to."""
    return present.refund(queries.get_refund(refund_id, principal=principal()))


@bp.get("/orders/<uuid:order_id>")
@auth(roles=ANY_STAFF)
@refuses(OrderNotFound)
@reply(OrderOut)
def get_order(order_id: UUID) -> dict[str, Any]:
    """An order of a store I see, or one I got credit for."""
    return queries.get_order(order_id, principal=principal())


@bp.get("/order-lines/<uuid:line_id>/attribution")
@auth(roles=ANY_STAFF)
@refuses(OrderNotFound)
@reply(AttributionOut)
def get_attribution(line_id: UUID) -> dict[str, Any]:
    """Why did I (not) get this? Who is credited, every candidate, and the reason of each: now, and by each decision."""
    return present.attribution(queries.list_decisions(line_id, principal=principal()))
