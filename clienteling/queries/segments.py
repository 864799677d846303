"""Which customers a filter finds, of those whom the principal sees."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, cast, exists, func, or_, select, true
from sqlalchemy.dialects.postgresql import ARRAY, TEXT

from clienteling.queries.figures import find_state
from customers.queries import cards_of, is_among_seen
from kit.db import db, fetch_all, fetch_one
from kit.errors import NotFound
from kit.money import as_money
from kit.principal import Principal
from models import Binding, Consent, Customer, CustomerFigures, CustomerIdentity, CustomerTag, Segment, Staff

Row = dict[str, Any]
Filter = Mapping[str, Any]
Conditions = Iterator[ColumnElement[bool]]

PROSPECT = "prospect"
# What a filter may bound, and the column that holds it.
RANGES = {
    "recency": CustomerFigures.recency,
    "frequency": CustomerFigures.frequency,
    "monetary": CustomerFigures.monetary,
    "orders": CustomerFigures.orders,
    "net": CustomerFigures.net_fen,
    "last_order_on": CustomerFigures.last_order_on,
}
COLUMNS = (
    Segment.id, Segment.name, Segment.filter, Segment.shared, Segment.archived_at.is_not(None).label("archived"),
    Segment.created_by, Staff.name.label("created_by_name"), Segment.created_at, Segment.updated_at, Segment.version,
)  # fmt: skip

# Of a customer, as the customers room shows it: the name is masked.
SHOWN = ("id", "member_no", "name", "tags", "store_id", "store_name", "guide_id", "guide_name")


class SegmentNotFound(NotFound):
    """There is no such segment of the principal's own, nor a shared one."""

    code = "segment_not_found"


def get_segment(segment_id: UUID, *, principal: Principal) -> Row:
    """A segment of one's own or a shared one; raises SegmentNotFound."""
    row = fetch_one(_segments(principal).where(Segment.id == segment_id))
    if row is None:
        raise SegmentNotFound
    return row


def list_segments(*, principal: Principal, after: Sequence[Any] | None, limit: int) -> Sequence[Row]:
    """The segments that are one's own or shared, but for archived ones; the newest first."""
    statement = _segments(principal).where(Segment.archived_at.is_(None))
    if after is not None:
        statement = statement.where(Segment.id < UUID(after[0]))
    return fetch_all(statement.order_by(Segment.id.desc()).limit(limit))


def lock_segment(segment_id: UUID) -> Segment:
    """The segment, for changing it; raises SegmentNotFound."""
    row = db.session.scalar(select(Segment).where(Segment.id == segment_id).with_for_update())
    if row is None:
        raise SegmentNotFound
    return row


def count_customers(wanted: Filter, *, principal: Principal) -> Row:
    """How many customers in sight the filter finds, and as of which day figures are."""
    found = select(func.count()).select_from(Customer).where(*_found(wanted, principal))
    state = find_state()
    return {"customers": db.session.scalar(found), "figures_as_of": state.as_of if state else None}


def list_segment_customers(
    wanted: Filter, *, principal: Principal, after: Sequence[Any] | None, limit: int
) -> list[Row]:
    """The customers in sight whom the filter finds, the newest first, each with figures by currency."""
    statement = select(Customer.id).where(*_found(wanted, principal))
    if after is not None:
        statement = statement.where(Customer.id < UUID(after[0]))
    cards = cards_of(statement.order_by(Customer.id.desc()).limit(limit))
    figures = _figures([card["id"] for card in cards])
    nothing: Row = {"stage": PROSPECT, "figures": []}
    return [{**{name: card[name] for name in SHOWN}, **figures.get(card["id"], nothing)} for card in cards]


def _segments(principal: Principal) -> Select[*tuple[Any, ...]]:
    shared = and_(Segment.shared, Segment.archived_at.is_(None))
    seen = or_(Segment.created_by == principal.id, shared)
    return select(*COLUMNS).join(Staff, Staff.id == Segment.created_by).where(seen)


def _found(wanted: Filter, principal: Principal) -> Conditions:
    yield Customer.merged_into_id.is_(None)
    yield Customer.erased_at.is_(None)
    yield is_among_seen(Customer.id, principal)
    yield from _by_figures(wanted)
    yield from _by_place(wanted)
    yield from _by_person(wanted)


def _by_figures(wanted: Filter) -> Conditions:
    asked = [condition for name, column in RANGES.items() for condition in _within(column, wanted.get(name))]
    if "currency" in wanted:
        asked.append(CustomerFigures.currency == wanted["currency"])
    theirs = exists().where(CustomerFigures.customer_id == Customer.id)
    if asked:
        yield theirs.where(*asked)
    if stages := wanted.get("stages"):
        bought = theirs.where(CustomerFigures.stage.in_(stages))
        yield or_(bought, ~theirs) if PROSPECT in stages else bought


def _within(column: Any, bounds: Mapping[str, Any] | None) -> Conditions:
    for bound, stored in (bounds or {}).items():
        value = date.fromisoformat(stored) if isinstance(stored, str) else stored
        yield column >= value if bound == "from" else column <= value


def _by_place(wanted: Filter) -> Conditions:
    live = exists().where(Binding.customer_id == Customer.id, Binding.ended_at.is_(None))
    if stores := [UUID(id_) for id_ in wanted.get("store_ids", ())]:
        yield or_(Customer.store_id.in_(stores), live.where(Binding.store_id.in_(stores)))
    if guides := [UUID(id_) for id_ in wanted.get("guide_ids", ())]:
        yield live.where(Binding.guide_id.in_(guides))
    if "bound" in wanted:
        yield live if wanted["bound"] else ~live


def _by_person(wanted: Filter) -> Conditions:
    if fields := wanted.get("profile_fields"):
        yield Customer.profile_fields.contains(cast(fields, ARRAY(TEXT)))
    for kind in wanted.get("identities", ()):
        yield exists().where(CustomerIdentity.customer_id == Customer.id, CustomerIdentity.kind == kind)
    tagged = exists().where(CustomerTag.customer_id == Customer.id, CustomerTag.removed_at.is_(None))
    if tags := wanted.get("tags_any"):
        yield tagged.where(CustomerTag.tag.in_(tags))
    if tags := wanted.get("tags_none"):
        yield ~tagged.where(CustomerTag.tag.in_(tags))
    if consent := wanted.get("consent"):
        newest = (
            select(Consent.granted)
            .where(Consent.customer_id == Customer.id, Consent.channel == consent["channel"])
            .order_by(Consent.given_at.desc(), Consent.id.desc())
            .limit(1)
            .correlate(Customer)
            .scalar_subquery()
        )
        yield {"granted": newest.is_(true()), "refused": newest.is_(False), "unrecorded": newest.is_(None)}[
            consent["state"]
        ]


def _figures(customer_ids: Sequence[UUID]) -> dict[UUID, Row]:
    statement = select(CustomerFigures).where(CustomerFigures.customer_id.in_(customer_ids))
    found: dict[UUID, Row] = {}
    for row in db.session.scalars(statement.order_by(CustomerFigures.customer_id, CustomerFigures.currency)):
        theirs = found.setdefault(row.customer_id, {"stage": row.stage, "figures": []})
        names = ("orders", "first_order_on", "last_order_on", "recency", "frequency", "monetary")
        net = as_money(row.net_fen, row.currency)
        theirs["figures"].append({"net": net, **{name: getattr(row, name) for name in names}})
    return found
