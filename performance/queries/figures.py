"""The definition of every figure, as one statement over the facts (docs/performance.md explains it in words)."""

from collections.abc import Callable, Collection
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    DateTime,
    Select,
    Uuid,
    and_,
    any_,
    bindparam,
    cast,
    distinct,
    func,
    literal,
    literal_column,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import InstrumentedAttribute

from models import (
    Assignment,
    Attribution,
    Credit,
    Forward,
    ForwardKey,
    LedgerEntry,
    Order,
    OrderLine,
    Store,
    Touch,
)
from orders.queries import credited
from orders.queries.served import IS_SELLER
from tasks.queries.progress import progress

KEYS = ("day", "store_id", "guide_id", "currency")
FIGURES = (
    "orders",
    "orders_bp",
    "units",
    "units_bp",
    "net_fen",
    "settled_fen",
    "refunded_fen",
    "customers",
    "forwards",
    "opens",
    "tasks_due",
    "tasks_done",
    "commission_fen",
)
# What a closed day keeps: refunds of its sales count on later days. A correction or a late receipt restates it.
SETTLED = ("orders", "orders_bp", "units", "units_bp", "settled_fen", "refunded_fen", "customers")
# An instant's calendar day somewhere on Earth is at most this far from its day in UTC.
ZONES_REACH = timedelta(hours=14)
# What a guide sold on a day is found by guide first, among the lines decided on since this long before it. Only an
# order that its source moved over more than this is missed until a job computes it.
LONGEST_WAIT = timedelta(days=31)

FROM_DAY, TO_DAY = bindparam("from_day", type_=Date), bindparam("to_day", type_=Date)
STARTS_AT = bindparam("starts_at", type_=DateTime(timezone=True))
ENDS_AT = bindparam("ends_at", type_=DateTime(timezone=True))
GUIDE_ID = bindparam("guide_id", type_=Uuid)
STORE_IDS = bindparam("store_ids", type_=ARRAY(Uuid))
OF_GUIDE = (Credit.beneficiary_id == GUIDE_ID) & (Credit.decided_at >= STARTS_AT - LONGEST_WAIT)
# Written out: as parameters, the many zeros would double the statement.
NOTHING = literal_column("0", BigInteger)

Instant = InstrumentedAttribute[datetime]
# Whose figures: one guide's, those of the stores named, or everybody's.
Whose = Literal["guide", "stores", "all"]
Part = Callable[[Whose], Select[Any]]


def figures(
    from_day: date, to_day: date, *, guide_id: UUID | None = None, store_ids: Collection[UUID] | None = None
) -> Select[Any]:
    """The figures of business days `from_day` to `to_day`, a row per KEYS, counted from the facts now.

    With `guide_id`, of that guide only, and quickly; without, of all or some stores, also what nobody gets credit for
    (guide_id null).
    """
    whose: Whose = "guide" if guide_id else "all" if store_ids is None else "stores"
    parameters = asked(from_day, to_day, guide_id=guide_id)
    return definition(whose).params({**parameters, "store_ids": list(store_ids or ())})


@cache
def definition(whose: Whose) -> Select[Any]:
    """The statement behind `figures`, built once; it takes what `asked` gives."""
    facts = union_all(*(part(whose) for part in PARTS)).subquery("facts")
    keys = [facts.c[key] for key in KEYS]
    sums = [cast(func.sum(facts.c[figure]), BigInteger).label(figure) for figure in FIGURES]
    return select(*keys, *sums).group_by(*keys)


def asked(from_day: date, to_day: date, *, guide_id: UUID | None = None) -> dict[str, Any]:
    """The parameters of `definition`."""
    return {
        "from_day": from_day,
        "to_day": to_day,
        "starts_at": _start(from_day),
        "ends_at": _start(to_day + timedelta(days=1)),
        "guide_id": guide_id,
    }


def _sales(whose: Whose) -> Select[Any]:
    keys = (Order.business_day, Order.store_id, Credit.beneficiary_id, Order.currency)
    counts = _row(
        *keys,
        orders=credited.RECEIPTS,
        units=credited.UNITS,
        units_bp=credited.UNITS_BP,
        net_fen=credited.NET_SALES_PART_FEN,
        settled_fen=credited.SETTLED_SALES_PART_FEN,
        refunded_fen=credited.REFUNDED_PART_FEN,
        customers=credited.CUSTOMERS,
    )
    return (
        select(*counts)
        .select_from(Order)
        .join(OrderLine, OrderLine.order_id == Order.id)
        .outerjoin(Attribution, Attribution.line_id == OrderLine.id)
        .outerjoin(Credit, IS_SELLER)
        .where(Order.business_day.between(FROM_DAY, TO_DAY), credited.COUNTS, _of(whose, OF_GUIDE, Order.store_id))
        .group_by(*keys)
    )


def _receipts(whose: Whose) -> Select[Any]:
    """Receipts in basis points: of a guide's, the parts of all who sold must be known."""
    sold = select(OrderLine.order_id).join(Credit, Credit.line_id == OrderLine.id)
    theirs = sold.join(Attribution, Attribution.line_id == OrderLine.id).where(IS_SELLER, OF_GUIDE)
    found = credited.receipts_divided(
        Order.business_day.between(FROM_DAY, TO_DAY), _of(whose, Order.id.in_(theirs), Order.store_id)
    )
    keys = (found.c.business_day, found.c.store_id, found.c.guide_id, found.c.currency)
    of_guide = found.c.guide_id == GUIDE_ID if whose == "guide" else literal(True)
    return select(*_row(*keys, orders_bp=func.sum(found.c.orders_bp))).where(of_guide).group_by(*keys)


def _forwards(whose: Whose) -> Select[Any]:
    day = _day_of(Forward.created_at)
    keys = (day, Forward.store_id, Forward.guide_id, Store.currency)
    return (
        select(*_row(*keys, forwards=func.count()))
        .select_from(Forward)
        .join(Store, Store.id == Forward.store_id)
        .where(_on_days(Forward.created_at), _of(whose, Forward.guide_id == GUIDE_ID, Forward.store_id))
        .group_by(*keys)
    )


def _opens(whose: Whose) -> Select[Any]:
    day = _day_of(Touch.created_at)
    keys = (day, Forward.store_id, Forward.guide_id, Store.currency)
    return (
        select(*_row(*keys, opens=func.count(distinct(Touch.viewer))))
        .select_from(Touch)
        .join(ForwardKey, ForwardKey.id == Touch.forward_id)
        .join(Forward, and_(Forward.id == ForwardKey.id, Forward.created_at == ForwardKey.created_at))
        .join(Store, Store.id == Forward.store_id)
        .where(
            Touch.counted,
            Touch.kind == "open",
            _on_days(Touch.created_at),
            _of(whose, Forward.guide_id == GUIDE_ID, Forward.store_id),
        )
        .group_by(*keys)
    )


def _tasks(whose: Whose) -> Select[Any]:
    found = progress(
        Assignment.day.between(FROM_DAY, TO_DAY), _of(whose, Assignment.guide_id == GUIDE_ID, Assignment.store_id)
    )
    keys = (found.c.day, found.c.store_id, found.c.guide_id, Store.currency)
    done = func.count().filter(found.c.state.in_(["done", "approved"]))
    return (
        select(*_row(*keys, tasks_due=func.count(), tasks_done=done))
        .select_from(found)
        .join(Store, Store.id == found.c.store_id)
        .where(found.c.state != "cancelled")
        .group_by(*keys)
    )


def _commissions(whose: Whose) -> Select[Any]:
    keys = (LedgerEntry.business_day, LedgerEntry.store_id, LedgerEntry.guide_id, LedgerEntry.currency)
    return (
        select(*_row(*keys, commission_fen=func.sum(LedgerEntry.signed_fen)))
        .where(LedgerEntry.business_day.between(FROM_DAY, TO_DAY), LedgerEntry.guide_id.is_not(None))
        .where(_of(whose, LedgerEntry.guide_id == GUIDE_ID, LedgerEntry.store_id))
        .group_by(*keys)
    )


PARTS: tuple[Part, ...] = (_sales, _receipts, _forwards, _opens, _tasks, _commissions)


def _row(*keys: Any, **counted: ColumnElement[Any]) -> list[ColumnElement[Any]]:
    labelled = [key.label(name) for name, key in zip(KEYS, keys, strict=True)]
    return labelled + [cast(counted.get(figure, NOTHING), BigInteger).label(figure) for figure in FIGURES]


def _day_of(at: Instant) -> ColumnElement[date]:
    return cast(func.timezone(Store.time_zone, at), Date)


def _on_days(at: Instant) -> ColumnElement[bool]:
    """On these business days of the store; the instants around them are what an index can find."""
    return at.between(STARTS_AT - ZONES_REACH, ENDS_AT + ZONES_REACH) & _day_of(at).between(FROM_DAY, TO_DAY)


def _start(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=UTC)


def _of(whose: Whose, of_guide: ColumnElement[bool], store_id: InstrumentedAttribute[UUID]) -> ColumnElement[bool]:
    if whose == "stores":
        return store_id == any_(STORE_IDS)
    return of_guide if whose == "guide" else literal(True)
