"""What was posted, for whom, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Select, and_, case, cast, func, select, tuple_

from kit.db import fetch_all
from kit.money import as_money
from kit.principal import Principal
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
from staff.scope import sees_guide

# A business day lies within a day and a bit of the same date in UTC, whatever the zone.
ZONES = timedelta(days=2)


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Whose entries, of which business days, both ends included."""

    first: date
    last: date
    guide_id: UUID | None
    store_id: UUID | None  # the guides' home store
    principal: Principal

    def conditions(self) -> list[ColumnElement[bool]]:
        """The selection in SQL, never more than the principal may see."""
        start, end = (datetime.fromisoformat(f"{day}T00:00:00+00:00") for day in (self.first, self.last))
        found: list[ColumnElement[bool]] = [
            LedgerEntry.business_at.between(start - ZONES, end + ZONES),
            Order.business_day.between(self.first, self.last),
            sees_guide(LedgerEntry.guide_id, Staff.store_id, self.principal),
        ]
        if self.guide_id is not None:
            found.append(LedgerEntry.guide_id == self.guide_id)
        if self.store_id is not None:
            found.append(Staff.store_id == self.store_id)
        return found


IS_ACCRUAL = LedgerAccount.kind == "guide_payable"


def _from_entries(*columns: Any) -> Select[Any]:
    """Entries with the account that got the money, the order, and the guide."""
    return (
        select(*columns)
        .select_from(LedgerEntry)
        .join(LedgerAccount, LedgerAccount.id == LedgerEntry.credit_account_id)
        .join(LedgerTransaction, LedgerTransaction.id == LedgerEntry.transaction_id)
        .join(Order, Order.id == LedgerTransaction.order_id)
        .join(Staff, Staff.id == LedgerEntry.guide_id)
    )


def _sum(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return cast(func.coalesce(func.sum(LedgerEntry.amount_fen).filter(condition), 0), BigInteger)


def summarise(selection: Selection) -> dict[str, Any]:
    """Accrued, reversed and net by business day and in all, each currency for itself."""
    columns = (
        Order.business_day.label("day"),
        LedgerEntry.currency,
        _sum(IS_ACCRUAL).label("accrued"),
        _sum(~IS_ACCRUAL).label("reversed"),
    )
    keys = (Order.business_day, LedgerEntry.currency)
    rows = fetch_all(_from_entries(*columns).where(*selection.conditions()).group_by(*keys).order_by(*keys))
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
    LedgerEntry.id, LedgerEntry.transaction_id, LedgerEntry.business_at.label("at"),
    LedgerTransaction.created_at.label("posted_at"), LedgerEntry.guide_id, LedgerEntry.currency,
    case((IS_ACCRUAL, "accrual"), else_="reversal").label("kind"),
    case((IS_ACCRUAL, LedgerEntry.amount_fen), else_=-LedgerEntry.amount_fen).label("amount_fen"),
    LedgerEntry.net_fen, LedgerEntry.rate_bp, LedgerEntry.rule_no, Order.business_day.label("day"),
    LedgerEntry.plan_version_id, PlanVersion.number.label("plan_version"), PlanVersion.rules,
    CommissionPlan.code.label("plan_code"), Order.id.label("order_id"), Order.external_id.label("order_external_id"),
    LedgerTransaction.order_revision, OrderLine.id.label("order_line_id"), OrderLine.sku_code, OrderLine.product_title,
    Attribution.guide_id.label("attributed_guide_id"), Attribution.reason.label("attribution"),
)  # fmt: skip


def list_entries(selection: Selection, *, after: list[Any] | None, limit: int) -> list[dict[str, Any]]:
    """Entries, the newest business first, each with all that explains it."""
    position = tuple_(LedgerEntry.business_at, LedgerEntry.id)
    statement = (
        _from_entries(*ENTRY_COLUMNS)
        .join(OrderLine, OrderLine.id == LedgerEntry.order_line_id)
        .join(Attribution, Attribution.line_id == OrderLine.id)
        .join(PlanVersion, PlanVersion.id == LedgerEntry.plan_version_id)
        .join(CommissionPlan, CommissionPlan.id == PlanVersion.plan_id)
        .where(and_(*selection.conditions()))
        .order_by(LedgerEntry.business_at.desc(), LedgerEntry.id.desc())
        .limit(limit)
    )
    if after is not None:
        statement = statement.where(position < tuple_(datetime.fromisoformat(after[0]), after[1]))
    return [_entry(row) for row in fetch_all(statement)]


def _entry(row: dict[str, Any]) -> dict[str, Any]:
    currency = row.pop("currency")
    row["amount"] = as_money(row.pop("amount_fen"), currency)
    row["net"] = as_money(row.pop("net_fen"), currency)
    row["rule"] = row.pop("rules")[row["rule_no"] - 1]
    return row
