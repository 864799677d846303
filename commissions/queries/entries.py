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
    select,
    tuple_,
    union_all,
)
from sqlalchemy.orm import aliased

from kit.db import fetch_all
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
from staff.scope import guide_in_sight, sight_of

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
FOUND = union_all(
    select(LedgerEntry).where(NEAR),
    select(LedgerEntry)
    .join(LedgerTransaction, LedgerTransaction.id == LedgerEntry.transaction_id)
    .join(Order, Order.id == LedgerTransaction.order_id)
    .where(Order.redated, ON_DAYS, ~NEAR),
).subquery("found")
Entry = aliased(LedgerEntry, FOUND)
IS_ACCRUAL = LedgerAccount.kind == "guide_payable"


def _entries(shape: Shape, *columns: Any) -> Select[Any]:
    """Entries of a selection with the account that got the money, the order, and the guide."""
    statement = (
        select(*columns)
        .select_from(Entry)
        .join(LedgerAccount, LedgerAccount.id == Entry.credit_account_id)
        .join(LedgerTransaction, LedgerTransaction.id == Entry.transaction_id)
        .join(Order, Order.id == LedgerTransaction.order_id)
        .join(Staff, Staff.id == Entry.guide_id)
        .where(ON_DAYS, guide_in_sight(Entry.guide_id, Staff.store_id, shape.reach))
    )
    if shape.of_guide:
        statement = statement.where(Entry.guide_id == bindparam("guide_id", type_=Uuid))
    if shape.of_store:
        statement = statement.where(Staff.store_id == bindparam("store_id", type_=Uuid))
    return statement


def _sum(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return cast(func.coalesce(func.sum(Entry.amount_fen).filter(condition), 0), BigInteger)


@cache
def _summary(shape: Shape) -> Select[Any]:
    keys = (Order.business_day, Entry.currency)
    sums = (_sum(IS_ACCRUAL).label("accrued"), _sum(~IS_ACCRUAL).label("reversed"))
    return _entries(shape, keys[0].label("day"), keys[1], *sums).group_by(*keys).order_by(*keys)


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


ENTRY_COLUMNS = (
    Entry.id, Entry.transaction_id, Entry.business_at.label("at"),
    LedgerTransaction.created_at.label("posted_at"), Entry.guide_id, Entry.currency,
    case((IS_ACCRUAL, "accrual"), else_="reversal").label("kind"),
    case((IS_ACCRUAL, Entry.amount_fen), else_=-Entry.amount_fen).label("amount_fen"),
    Entry.reason, Entry.net_fen, Entry.rate_bp, Entry.rule_no, Order.business_day.label("day"),
    Entry.plan_version_id, PlanVersion.number.label("plan_version"), PlanVersion.rules,
    CommissionPlan.code.label("plan_code"), Order.id.label("order_id"), Order.external_id.label("order_external_id"),
    LedgerTransaction.order_revision, OrderLine.id.label("order_line_id"), OrderLine.sku_code, OrderLine.product_title,
    Attribution.guide_id.label("attributed_guide_id"), Attribution.reason.label("attribution"),
)  # fmt: skip


def list_entries(selection: Selection, *, after: list[Any] | None, limit: int) -> list[dict[str, Any]]:
    """Entries, the newest business first, each with all that explains it."""
    parameters = {**selection.parameters(), "limit": limit}
    if after is not None:
        parameters |= {"after_at": datetime.fromisoformat(after[0]), "after_id": after[1]}
    rows = fetch_all(_explained(selection.shape, further=after is not None), parameters)
    return [_entry(row) for row in rows]


@cache
def _explained(shape: Shape, *, further: bool) -> Select[Any]:
    statement = (
        _entries(shape, *ENTRY_COLUMNS)
        .join(OrderLine, OrderLine.id == Entry.order_line_id)
        .join(Attribution, Attribution.line_id == OrderLine.id)
        .join(PlanVersion, PlanVersion.id == Entry.plan_version_id)
        .join(CommissionPlan, CommissionPlan.id == PlanVersion.plan_id)
        .order_by(Entry.business_at.desc(), Entry.id.desc())
        .limit(bindparam("limit", type_=Integer))
    )
    last = tuple_(_moment("after_at"), bindparam("after_id", type_=BigInteger))
    return statement.where(tuple_(Entry.business_at, Entry.id) < last) if further else statement


def _entry(row: dict[str, Any]) -> dict[str, Any]:
    currency = row.pop("currency")
    row["amount"] = as_money(row.pop("amount_fen"), currency)
    row["net"] = as_money(row.pop("net_fen"), currency)
    row["rule"] = row.pop("rules")[row["rule_no"] - 1]
    return row
