"""What was posted, for whom, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    DateTime,
    Integer,
    Select,
    Uuid,
    bindparam,
    case,
    cast,
    func,
    literal,
    select,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.orm import aliased

from kit.db import db, fetch_all
from kit.money import as_money
from kit.principal import Principal, Reach
from models import (
    Attribution,
    CommissionPlan,
    LedgerAccount,
    LedgerEntry,
    LedgerTransaction,
    Order,
    OrderLine,
    PlanVersion,
    Staff,
)  # fmt: skip
from staff.scope import Listed, Page, guide_in_sight, read_page, sight_of

# A business day lies within a day and a bit of the same date in UTC, whatever the zone.
ZONES = timedelta(days=2)


class Shape(NamedTuple):
    """What the statement for a selection depends on."""

    reach: Reach
    of_guide: bool
    of_store: bool


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Whose entries, of which business days, both ends included; never more than the principal may see."""

    first: date
    last: date
    guide_id: UUID | None
    store_id: UUID | None  # the guides' home store
    principal: Principal

    @property
    def shape(self) -> Shape:
        """The statement that selects it."""
        return Shape(self.principal.reach, self.guide_id is not None, self.store_id is not None)

    def parameters(self) -> dict[str, Any]:
        """The values for that statement."""
        start, end = (datetime.combine(day, time.min, tzinfo=UTC) for day in (self.first, self.last))
        return {
            "first": self.first,
            "last": self.last,
            "near_from": start - ZONES,
            "near_until": end + ZONES,
            "guide_id": self.guide_id,
            "store_id": self.store_id,
            **sight_of(self.principal),
        }


def _moment(name: str) -> ColumnElement[datetime]:
    return bindparam(name, type_=DateTime(timezone=True))


ON_DAYS = Order.business_day.between(bindparam("first", type_=Date), bindparam("last", type_=Date))
NEAR = LedgerEntry.business_at.between(_moment("near_from"), _moment("near_until"))
# An order is on the day it is on now, and an entry keeps the time its order had when it was posted: what an index
# finds near those days, and what was posted before the order came to be on them.
MOVED = Order.redated & ~NEAR
IS_ACCRUAL = LedgerAccount.kind == "guide_payable"


def _guides(shape: Shape) -> Select[Any] | None:
    """Whose entries; None: everybody's."""
    if shape == Shape(Reach.ALL, of_guide=False, of_store=False):
        return None
    guides = select(Staff.id).where(guide_in_sight(Staff.id, Staff.store_id, shape.reach))
    if shape.of_guide:
        guides = guides.where(Staff.id == bindparam("guide_id", type_=Uuid))
    if shape.of_store:
        guides = guides.where(Staff.store_id == bindparam("store_id", type_=Uuid))
    return guides


def _entries(*columns: Any) -> Select[Any]:
    """Entries of the days with the account that got the money, and the order."""
    return (
        select(*columns)
        .select_from(LedgerEntry)
        .join(LedgerAccount, LedgerAccount.id == LedgerEntry.credit_account_id)
        .join(LedgerTransaction, LedgerTransaction.id == LedgerEntry.transaction_id)
        .join(Order, Order.id == LedgerTransaction.order_id)
        .where(ON_DAYS)
    )


def _part(shape: Shape, part: ColumnElement[bool], columns: Sequence[Any]) -> Select[Any]:
    entries = _entries(*columns).where(part)
    guides = _guides(shape)
    if guides is None:
        return entries
    # From guide to guide, by any plan: one that is kept knows no days, and would read those of everybody.
    each = guides.subquery("each")
    of_each = entries.where(LedgerEntry.guide_id == each.c.id).offset(0).lateral("of_each")
    return select(of_each).select_from(each.join(of_each, true()))


@cache
def _summary(shape: Shape) -> Select[Any]:
    columns = (
        Order.business_day.label("day"),
        LedgerEntry.currency,
        LedgerEntry.amount_fen,
        IS_ACCRUAL.label("is_accrual"),
    )
    found = union_all(*(_part(shape, part, columns) for part in (NEAR, MOVED))).subquery("found")
    keys = (found.c.day, found.c.currency)

    def summed(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return cast(func.coalesce(func.sum(found.c.amount_fen).filter(condition), 0), BigInteger)

    sums = (summed(found.c.is_accrual).label("accrued"), summed(~found.c.is_accrual).label("reversed"))
    return select(*keys, *sums).group_by(*keys).order_by(*keys)


def summarise(selection: Selection) -> dict[str, Any]:
    """Accrued, reversed and net by business day and in all, each currency for itself."""
    rows = fetch_all(_summary(selection.shape), selection.parameters())
    return {
        "from": selection.first,
        "to": selection.last,
        "totals": [_total(currency, rows) for currency in sorted({row["currency"] for row in rows})],
        "days": [{"day": row["day"], **_amounts(row["currency"], row["accrued"], row["reversed"])} for row in rows],
    }


def _amounts(currency: str, accrued: int, reversed_: int) -> dict[str, Any]:
    amounts = {"accrued": accrued, "reversed": reversed_, "net": accrued - reversed_}
    return {name: as_money(fen, currency) for name, fen in amounts.items()}


def _total(currency: str, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    own = [row for row in rows if row["currency"] == currency]
    amounts = _amounts(currency, sum(row["accrued"] for row in own), sum(row["reversed"] for row in own))
    # Nothing has been put on a statement yet: all of it is still to come.
    return {**amounts, "pending": amounts["net"]}


def _of_sale(column: Any) -> ColumnElement[Any]:
    """Of the order, or of the one that a refund takes back; None where that is not known."""
    sale, line = aliased(Order), aliased(OrderLine)
    original = select(getattr(sale, column.key)).join(line, line.order_id == sale.id)
    found = original.where(line.id == OrderLine.original_line_id).correlate(OrderLine).scalar_subquery()
    return case((Order.receipt_kind == "sale", column), else_=found)


def _refund_id() -> ColumnElement[Any]:
    return case((Order.receipt_kind == "refund", Order.id))


ENTRY_COLUMNS = (
    LedgerEntry.id, LedgerEntry.transaction_id, LedgerEntry.business_at.label("at"),
    LedgerTransaction.created_at.label("posted_at"), LedgerEntry.guide_id, LedgerEntry.currency,
    case((IS_ACCRUAL, "accrual"), else_="reversal").label("kind"),
    case((IS_ACCRUAL, LedgerEntry.amount_fen), else_=-LedgerEntry.amount_fen).label("amount_fen"),
    LedgerEntry.reason, LedgerEntry.net_fen, LedgerEntry.rate_bp, LedgerEntry.rule_no, Order.business_day.label("day"),
    LedgerEntry.plan_version_id, PlanVersion.number.label("plan_version"), PlanVersion.rules,
    CommissionPlan.code.label("plan_code"), _of_sale(Order.id).label("order_id"),
    _of_sale(Order.external_id).label("order_external_id"), _refund_id().label("refund_id"),
    LedgerTransaction.order_revision, OrderLine.id.label("order_line_id"), OrderLine.sku_code, OrderLine.product_title,
    Attribution.guide_id.label("attributed_guide_id"), Attribution.reason.label("attribution"),
)  # fmt: skip


BY_TIME = Listed(keys=(LedgerEntry.business_at, LedgerEntry.id), guide_id=LedgerEntry.guide_id, store_id=None)
NEWEST_FIRST = (LedgerEntry.business_at.desc(), LedgerEntry.id.desc())


def list_entries(selection: Selection, *, after: list[Any] | None, limit: int) -> list[dict[str, Any]]:
    """Entries, the newest business first, each with all that explains it."""
    last = None if after is None else (datetime.fromisoformat(after[0]), int(after[1]))
    parameters = {**selection.parameters(), "limit": limit}
    wanted = Page(
        limit=limit,
        after=last,
        where=(NEAR, _is_on_days()),
        store_id=selection.store_id,
        guide_id=selection.guide_id,
        parameters=parameters,
    )
    near = read_page(
        BY_TIME,
        wanted,
        principal=selection.principal,
        read=lambda theirs: list(fetch_all(_explained().where(theirs), parameters)),
    )
    ids = list(db.session.scalars(_moved(selection.shape, last), parameters))
    moved = fetch_all(_explained().where(LedgerEntry.id.in_(ids)), parameters) if ids else ()
    found = sorted([*near, *moved], key=lambda row: (row["at"], row["id"]), reverse=True)
    return [_entry(row) for row in found[:limit]]


def _moved(shape: Shape, last: tuple[datetime, int] | None) -> Select[Any]:
    """The ids of a page of what was posted before its order came to be on these days: all of it is found, then sorted.

    It is found by the orders, and not by going through entries in the order of the page for want of it.
    """
    guides, entries = _guides(shape), _entries(*BY_TIME.keys).where(MOVED).offset(0)
    if guides is not None:
        entries = entries.where(LedgerEntry.guide_id.in_(guides))
    found = entries.subquery("moved")
    keys = (found.c.business_at, found.c.id)
    page = select(found.c.id).order_by(*(key.desc() for key in keys)).limit(bindparam("limit", type_=Integer))
    return page if last is None else page.where(tuple_(*keys) < tuple_(*map(literal, last)))


def _is_on_days() -> ColumnElement[bool]:
    order = select(Order.id).join(LedgerTransaction, LedgerTransaction.order_id == Order.id)
    return order.where(LedgerTransaction.id == LedgerEntry.transaction_id, ON_DAYS).correlate(LedgerEntry).exists()


@cache
def _explained() -> Select[Any]:
    return (
        _entries(*ENTRY_COLUMNS)
        .join(OrderLine, OrderLine.id == LedgerEntry.order_line_id)
        .join(Attribution, Attribution.line_id == OrderLine.id)
        .join(PlanVersion, PlanVersion.id == LedgerEntry.plan_version_id)
        .join(CommissionPlan, CommissionPlan.id == PlanVersion.plan_id)
        .order_by(*NEWEST_FIRST)
        .limit(bindparam("limit", type_=Integer))
    )


def _entry(row: dict[str, Any]) -> dict[str, Any]:
    currency = row.pop("currency")
    row["amount"] = as_money(row.pop("amount_fen"), currency)
    row["net"] = as_money(row.pop("net_fen"), currency)
    row["rule"] = row.pop("rules")[row["rule_no"] - 1]
    return row
