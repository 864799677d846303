"""Which ledger entries a settlement takes, and what they come to: its preview and its statements read the same."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Select, and_, cast, func, select, union_all
from sqlalchemy.orm import aliased

from models import (
    LedgerEntry,
    Order,
    OrderLine,
    PayGroupStore,
    PayPeriod,
    Settlement,
    Statement,
    StatementEntry,
)
from models.commissions_periods import EVERY_OTHER_STORE
from models.settlements import FIXED


@dataclass(frozen=True, kw_only=True)
class Taking:
    """What a settlement takes: of a group's entries until its last day, those of sales before `matured_before`."""

    settlement_id: UUID
    group_code: str
    first_day: date
    last_day: date
    matured_before: date


# Of a refund, the sale that it takes back: both mature on the same day, so that no refund comes before its sale.
_SOLD, _SALE = aliased(OrderLine), aliased(Order)
SALE_DAY = func.coalesce(_SALE.business_day, Order.business_day, LedgerEntry.business_day)
ENTRY = (LedgerEntry.id, LedgerEntry.guide_id, LedgerEntry.currency, LedgerEntry.signed_fen)


def unsettled(taking: Taking) -> Select[*tuple[Any, ...]]:
    """Guides' entries of the group until the last day that are on no statement, matured or not."""
    return (
        select(*ENTRY, LedgerEntry.store_id, LedgerEntry.business_day)
        .outerjoin(PayGroupStore, PayGroupStore.store_id == LedgerEntry.store_id)
        .outerjoin(OrderLine, OrderLine.id == LedgerEntry.order_line_id)
        .outerjoin(Order, Order.id == OrderLine.order_id)
        .outerjoin(_SOLD, _SOLD.id == OrderLine.original_line_id)
        .outerjoin(_SALE, _SALE.id == _SOLD.order_id)
        .where(
            LedgerEntry.guide_id.is_not(None),
            LedgerEntry.business_day <= taking.last_day,
            func.coalesce(PayGroupStore.group_code, EVERY_OTHER_STORE) == taking.group_code,
            ~select(StatementEntry.entry_id).where(StatementEntry.entry_id == LedgerEntry.id).exists(),
        )
    )


def due(taking: Taking) -> Select[*tuple[Any, ...]]:
    """What is put on statements now: matured, and of nobody whose statement of this settlement is fixed."""
    fixed = select(Statement.id).where(
        Statement.settlement_id == taking.settlement_id,
        Statement.guide_id == LedgerEntry.guide_id,
        Statement.currency == LedgerEntry.currency,
        Statement.state == FIXED,
    )
    return unsettled(taking).where(is_matured(taking), ~fixed.exists())


def is_matured(taking: Taking) -> ColumnElement[bool]:
    """The sale can no longer be given back without more."""
    return taking.matured_before > SALE_DAY


def linked(settlement_id: UUID) -> Select[*tuple[Any, ...]]:
    """The entries that are on statements of a settlement."""
    return (
        select(*ENTRY)
        .join(StatementEntry, StatementEntry.entry_id == LedgerEntry.id)
        .join(Statement, Statement.id == StatementEntry.statement_id)
        .where(Statement.settlement_id == settlement_id)
    )


def sums(entries: Any) -> tuple[ColumnElement[int], ...]:
    """accrued and reversed fen of these entries (column signed_fen)."""
    amount = entries.c.signed_fen

    def summed(condition: ColumnElement[bool], name: str) -> ColumnElement[int]:
        return cast(func.coalesce(func.sum(amount).filter(condition), 0), BigInteger).label(name)

    return (
        summed(amount > 0, "accrued_fen"),
        summed(amount < 0, "reversed_fen"),
    )


def carried_over(taking: Taking) -> Select[*tuple[Any, ...]]:
    """What earlier statements of the group carried, and no later settlement has opened with."""
    following = aliased(Statement)
    taken = select(following.id).where(
        following.previous_id == Statement.id, following.settlement_id != taking.settlement_id
    )
    return (
        select(Statement.id, Statement.guide_id, Statement.currency, Statement.carried_fen)
        .join(Settlement, Settlement.id == Statement.settlement_id)
        .join(PayPeriod, PayPeriod.id == Settlement.period_id)
        .where(
            PayPeriod.group_code == taking.group_code,
            PayPeriod.last_day < taking.first_day,
            Statement.carried_fen < 0,
            ~taken.exists(),
        )
    )


def amounts(taking: Taking) -> Select[*tuple[Any, ...]]:
    """What the statements would come to now, by guide and currency; nothing is written."""
    fresh = due(taking).subquery("fresh")
    names = ("guide_id", "currency", "signed_fen")
    held = linked(taking.settlement_id).subquery("held")
    both = union_all(*(select(*(part.c[name] for name in names)) for part in (fresh, held))).subquery("entry")
    found = select(both.c.guide_id, both.c.currency, *sums(both)).group_by(both.c.guide_id, both.c.currency)
    summed = found.subquery("summed")
    carried = carried_over(taking).subquery("carried")
    opening = func.coalesce(carried.c.carried_fen, 0)
    owed = opening + summed.c.accrued_fen + summed.c.reversed_fen
    own = and_(carried.c.guide_id == summed.c.guide_id, carried.c.currency == summed.c.currency)
    return select(
        *(summed.c.guide_id, summed.c.currency, opening.label("opening_fen")),
        *(summed.c.accrued_fen, summed.c.reversed_fen),
        *(func.greatest(owed, 0).label("payable_fen"), func.least(owed, 0).label("carried_fen")),
    ).outerjoin(carried, own)
