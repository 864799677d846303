"""The facts of timelines, one `SELECT` for each kind: of all customers, for the timeline to take one customer's from.

A room above adds its own in the same shape; `create_app` puts them in one tuple (docs/clienteling.md).
"""

from typing import Any, NamedTuple

from sqlalchemy import Select, Text, Uuid, and_, case, cast, exists, func, null, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import aliased

from models import (
    Binding,
    Consent,
    Contact,
    ContentVersion,
    Customer,
    CustomerMerge,
    CustomerTag,
    FollowUp,
    Forward,
    ForwardKey,
    Order,
    OrderLine,
    Product,
    Touch,
)

NOBODY = cast(null(), Uuid)


class Facts(NamedTuple):
    """A kind of fact, and `rows` with customer_id, id, at, guide_id, store_id and details (a JSON object)."""

    kind: str
    rows: Select[Any]


def _fact(
    kind: str, customer_id: Any, id_: Any, at: Any, *, by: Any = NOBODY, store: Any = NOBODY, **details: Any
) -> Facts:
    pairs = [part for name, value in details.items() for part in (name, value)]
    columns = {"customer_id": customer_id, "id": cast(id_, Text), "at": at, "guide_id": by, "store_id": store}
    told = func.jsonb_build_object(*pairs)
    return Facts(kind, select(*(column.label(name) for name, column in columns.items()), told.label("details")))


def _orders() -> Facts:
    net = func.jsonb_build_object("amount", Order.net_sales_fen, "currency", Order.currency)
    sold: Any = aggregate_order_by(
        func.jsonb_build_object("title", OrderLine.product_title, "quantity", OrderLine.quantity), OrderLine.line_no
    )
    lines = select(func.coalesce(func.jsonb_agg(sold), func.jsonb_build_array())).where(OrderLine.order_id == Order.id)
    return _fact(
        "order", Order.customer_id, Order.id, Order.ordered_at, store=Order.store_id, channel=Order.channel, net=net,
        goods=lines.correlate(Order).scalar_subquery(),
    )  # fmt: skip


def _contacts() -> Facts:
    """Contacts that were made, and what was forwarded by them."""
    found = _fact(
        "contact", Contact.customer_id, Contact.id, Contact.sent_at, by=Contact.guide_id, channel=Contact.channel,
        reference_id=Contact.reference_id, content_id=Forward.content_id, title=ContentVersion.title,
    )  # fmt: skip
    rows = (
        found.rows.select_from(Contact)
        .outerjoin(ForwardKey, ForwardKey.id == Contact.reference_id)
        .outerjoin(Forward, and_(Forward.id == ForwardKey.id, Forward.created_at == ForwardKey.created_at))
        .outerjoin(ContentVersion, ContentVersion.id == Forward.content_version_id)
        .where(Contact.sent_at.is_not(None), Contact.released_at.is_(None))
    )
    return Facts(found.kind, rows)


def _touches() -> Facts:
    """What counted on links that went to this customer alone: on others, nobody knows who it was."""
    found = _fact(
        "touch", Contact.customer_id, Touch.id, Touch.created_at, by=Touch.guide_id, store=Forward.store_id,
        touch=Touch.kind, forward_id=Touch.forward_id, content_id=Forward.content_id, dwell_ms=Touch.dwell_ms,
        title=ContentVersion.title, product_id=Touch.product_id, product_title=Product.title,
    )  # fmt: skip
    aimed_at_one = func.jsonb_array_length(Forward.target["customer_ids"]) == 1
    rows = (
        found.rows.select_from(Contact)
        .join(ForwardKey, ForwardKey.id == Contact.reference_id)
        .join(Forward, and_(Forward.id == ForwardKey.id, Forward.created_at == ForwardKey.created_at))
        .join(ContentVersion, ContentVersion.id == Forward.content_version_id)
        .join(Touch, Touch.forward_id == Forward.id)
        .outerjoin(Product, Product.id == Touch.product_id)
        .where(Contact.released_at.is_(None), aimed_at_one, Touch.counted)
    )
    return Facts(found.kind, rows)


def _follow_ups() -> Facts:
    later = aliased(FollowUp)
    found = _fact(
        "follow_up", FollowUp.customer_id, FollowUp.id, FollowUp.at, by=FollowUp.guide_id, store=FollowUp.store_id,
        channel=FollowUp.channel, outcome=FollowUp.outcome, next_on=FollowUp.next_on,
        sealed_note=func.encode(FollowUp.sealed_note, "base64"),
    )  # fmt: skip
    return Facts(found.kind, found.rows.where(~exists().where(later.corrects_id == FollowUp.id)))


def _bindings() -> tuple[Facts, Facts]:
    whose = {"by": Binding.guide_id, "store": Binding.store_id}
    bound = _fact("bound", Binding.customer_id, Binding.id, Binding.bound_at, **whose, reason=Binding.reason)
    ended = _fact("unbound", Binding.customer_id, Binding.id, Binding.ended_at, **whose, reason=Binding.ended_reason)
    return bound, Facts(ended.kind, ended.rows.where(Binding.ended_at.is_not(None)))


def _tags() -> tuple[Facts, Facts]:
    words = {"tag": CustomerTag.tag, "origin": CustomerTag.origin}
    key = (CustomerTag.customer_id, CustomerTag.id)
    tagged = _fact("tagged", *key, CustomerTag.created_at, by=CustomerTag.set_by, **words)
    untagged = _fact("untagged", *key, CustomerTag.removed_at, by=CustomerTag.removed_by, **words)
    return tagged, Facts(untagged.kind, untagged.rows.where(CustomerTag.removed_at.is_not(None)))


def _consents() -> Facts:
    by = case((Consent.recorder_kind == "staff", Consent.recorder_id))
    return _fact(
        "consent", Consent.customer_id, Consent.id, Consent.given_at, by=by, channel=Consent.channel,
        granted=Consent.granted, origin=Consent.origin,
    )  # fmt: skip


OWN_FACTS = (
    _orders(),
    _contacts(),
    _touches(),
    _follow_ups(),
    *_bindings(),
    *_tags(),
    _consents(),
    _fact("registered", Customer.id, Customer.id, Customer.created_at, store=Customer.store_id, origin=Customer.origin),
    _fact(
        "merged", CustomerMerge.survivor_id, CustomerMerge.id, CustomerMerge.merged_at, by=CustomerMerge.merged_by,
        other_id=CustomerMerge.loser_id, reason=CustomerMerge.reason,
    ),
)  # fmt: skip
