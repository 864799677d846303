"""Why a receipt pays somebody, or not: by its number, in the stores in sight."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, Select, cast, func, or_, select
from sqlalchemy.orm import aliased

from commissions.queries.facts import Span
from commissions.queries.facts.lines import list_lines
from commissions.queries.facts.people import list_placed
from commissions.queries.facts.scope import pay_day
from commissions.queries.periods import list_versions
from commissions.rules.at_once import names_posted_at_once
from commissions.rules.language.facts import Facts
from commissions.rules.missing import Stand, Tried, Why, why
from commissions.rules.pay.explaining import try_line
from commissions.rules.pay.periods import Days
from kit.db import db, fetch_all
from kit.principal import Principal
from models import (
    Attribution,
    AttributionDecision,
    CommissionPlan,
    Credit,
    LedgerEntry,
    Order,
    OrderLine,
    OrderPosting,
    OrderReject,
    PayGroupStore,
    PayPeriod,
    Source,
    Store,
)
from models.commissions_periods import EVERY_OTHER_STORE
from orders.queries.reading import visible
from orders.queries.served import sellers_as_json
from staff.scope import sees_store

# Sources number their receipts each for itself: so many may have the same number.
MOST_RECEIPTS = 20
BEFORE_CLOSED = ("open", "closing")


class LineWhy(NamedTuple):
    """A line, why it pays the one who asks or not, and the plans that were tried where that is the reason."""

    row: dict[str, Any]
    why: Why
    tried: list[Tried]


class Receipt(NamedTuple):
    """A receipt that was taken, with its lines."""

    order: dict[str, Any]
    lines: list[LineWhy]


def find_receipts(external_id: str, *, principal: Principal) -> list[Receipt]:
    """The sales of this number in sight, with why each line pays the principal or not; none: it has not arrived."""
    columns = (
        Order.id.label("order_id"), Source.code.label("source"), Order.external_id, Order.store_id,
        Store.code.label("store_code"), Order.ordered_at, Order.business_day, Order.currency,
        (Order.revision > func.coalesce(OrderPosting.revision, 0)).label("is_owed_posting"),
        func.coalesce(PayGroupStore.group_code, EVERY_OTHER_STORE).label("group_code"),
    )  # fmt: skip
    wanted = (
        select(*columns)
        .join(Source, Source.id == Order.source_id)
        .join(Store, Store.id == Order.store_id)
        .outerjoin(OrderPosting, OrderPosting.order_id == Order.id)
        .outerjoin(PayGroupStore, PayGroupStore.store_id == Order.store_id)
        # By the sources, so that the index on (source, kind, number) serves.
        .where(Order.source_id.in_(select(Source.id)), Order.receipt_kind == "sale", Order.external_id == external_id)
        .where(visible(principal))
        .order_by(Order.ordered_at.desc(), Order.id)
        .limit(MOST_RECEIPTS)
    )
    return [Receipt(order, _lines(order, principal)) for order in fetch_all(wanted)]


def find_rejects(external_id: str, *, principal: Principal) -> Sequence[dict[str, Any]]:
    """What of this number was sent for stores in sight and not taken, the newest first."""
    columns = (
        Source.code.label("source"), OrderReject.external_id, OrderReject.store_id, Store.code.label("store_code"),
        OrderReject.code, OrderReject.said.label("detail"), OrderReject.last_at,
    )  # fmt: skip
    wanted = (
        select(*columns)
        .join(Source, Source.id == OrderReject.source_id)
        .outerjoin(Store, Store.id == OrderReject.store_id)
        .where(OrderReject.source_id.in_(select(Source.id)), OrderReject.receipt_kind == "sale")
        .where(OrderReject.name_key == f"id:{external_id}", sees_store(OrderReject.store_id, principal))
    )
    return list(fetch_all(wanted.order_by(OrderReject.last_at.desc()).limit(MOST_RECEIPTS)))


def _lines(order: dict[str, Any], principal: Principal) -> list[LineWhy]:
    day = db.session.scalar(select(pay_day(order["group_code"])).where(Order.id == order["order_id"]))
    is_closed = _is_closed(order["group_code"], day)
    tried: dict[UUID, list[Tried]] | None = None
    found = []
    for row in fetch_all(_stands(order["order_id"], principal.id)):
        stand = Stand(
            is_mine=row.pop("is_mine"),
            is_credited=row.pop("is_credited"),
            is_owed_posting=order["is_owed_posting"],
            is_closed=is_closed,
            posted_fen=row["posted_fen"],
        )
        own: list[Tried] = []
        if stand.is_mine and not stand.is_owed_posting and stand.posted_fen is None:
            tried = _try_plans(order, day, principal) if tried is None else tried
            own = tried.get(row["order_line_id"], [])
        found.append(LineWhy(row, why(stand, own), own))
    return found


def _stands(order_id: UUID, staff_id: UUID) -> Select[*tuple[Any, ...]]:
    """Each line with whose credit it is, and what was posted of it to somebody."""
    credits = select(Credit.line_id).where(Credit.decision_id == Attribution.decision_id)
    mine = credits.where(Credit.beneficiary_id == staff_id)
    same = aliased(OrderLine)
    # With what was taken back of it: that is posted of the lines which give it back.
    with_returns = select(same.id).where(or_(same.id == OrderLine.id, same.original_line_id == OrderLine.id))
    posted = select(cast(func.sum(LedgerEntry.signed_fen), BigInteger)).where(
        LedgerEntry.order_line_id.in_(with_returns.correlate(OrderLine)),
        LedgerEntry.guide_id == staff_id,
        LedgerEntry.plan_version_id.is_not(None),
    )
    columns = (
        OrderLine.id.label("order_line_id"), OrderLine.sku_code, OrderLine.product_title,
        AttributionDecision.reason.label("attribution"), sellers_as_json(Attribution.decision_id).label("sellers"),
        mine.correlate(Attribution).exists().label("is_mine"),
        credits.where(Credit.beneficiary_kind == "guide").correlate(Attribution).exists().label("is_credited"),
        posted.correlate(OrderLine).scalar_subquery().label("posted_fen"),
    )  # fmt: skip
    return (
        select(*columns)
        .join(Attribution, Attribution.line_id == OrderLine.id)
        .join(AttributionDecision, AttributionDecision.id == Attribution.decision_id)
        .where(OrderLine.order_id == order_id)
        .order_by(OrderLine.line_no)
    )


def _is_closed(group_code: str, day: date | None) -> bool:
    of_day = (PayPeriod.group_code == group_code, PayPeriod.first_day <= day, PayPeriod.last_day >= day)
    closed = select(PayPeriod.id).where(*of_day, PayPeriod.state.not_in(BEFORE_CLOSED))
    return db.session.scalars(closed.limit(1)).first() is not None


def _try_plans(order: dict[str, Any], day: date | None, principal: Principal) -> dict[UUID, list[Tried]]:
    """The plans in force when it was ordered, tried on the lines that they are for."""
    found: dict[UUID, list[Tried]] = {}
    for code, number, span in _spans(order, day, principal):
        lines, refs, _ = list_lines(span)
        placed = list_placed(span)
        facts = Facts(people=tuple(placed.people), stores=tuple(placed.stores), lines=tuple(lines))
        at_once = names_posted_at_once(span.plan)
        for place, ref in enumerate(refs):
            tried = Tried(code, number, at_once, try_line(span.plan, facts, place))
            found.setdefault(ref.line_id, []).append(tried)
    return found


def _spans(order: dict[str, Any], day: date | None, principal: Principal) -> Iterator[tuple[str, int, Span]]:
    """Of each plan the version in force at that moment, on that day alone, of the store and of those who ask."""
    at: datetime = order["ordered_at"]
    codes = {row["id"]: row["code"] for row in fetch_all(select(CommissionPlan.id, CommissionPlan.code))}
    for version, plan, until in list_versions():
        if day and version.effective_from <= at and (until is None or at < until):
            span = Span(
                *(plan, version.id, version.effective_from, until, Days(day, day), order["group_code"], None),
                only_stores=(order["store_id"], *principal.store_ids),
            )
            yield codes[version.plan_id], version.number, span
