"""What was posted, for whom, and why."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Date,
    Select,
    bindparam,
    case,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import aliased

from kit.db import fetch_all
from kit.money import as_money
from kit.principal import Principal, Reach
from models import (
    AttributionDecision,
    CommissionPlan,
    LedgerEntry,
    LedgerTransaction,
    Order,
    OrderLine,
    PlanVersion,
)  # fmt: skip
from orders.queries.served import sellers_as_json
from staff.scope import Listed, Page, read_page, sight_of


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
        return {
            "first": self.first,
            "last": self.last,
            "guide_id": self.guide_id,
            "store_id": self.store_id,
            **sight_of(self.principal),
        }


ON_DAYS = LedgerEntry.business_day.between(bindparam("first", type_=Date), bindparam("last", type_=Date))
IS_ACCRUAL = LedgerEntry.signed_fen > 0


def _of_sale(column: Any) -> ColumnElement[Any]:
    """Of the order, or of the one that a refund takes back; None where that is not known."""
    sale, line = aliased(Order), aliased(OrderLine)
    original = select(getattr(sale, column.key)).join(line, line.order_id == sale.id)
    found = original.where(line.id == OrderLine.original_line_id).correlate(OrderLine).scalar_subquery()
    return case((Order.receipt_kind == "sale", column), else_=found)


def _refund_id() -> ColumnElement[Any]:
    return case((Order.receipt_kind == "refund", Order.id))


def _rule() -> ColumnElement[Any]:
    """The rule as its version says it; None of the plan's own limit."""
    said = PlanVersion.document["rules"].op("->", return_type=JSONB)(LedgerEntry.rule_no - 1)
    return case((LedgerEntry.rule_no > 0, said))


ENTRY_COLUMNS = (
    LedgerEntry.id, LedgerEntry.transaction_id, LedgerEntry.business_day.label("day"), Order.ordered_at.label("at"),
    LedgerTransaction.created_at.label("posted_at"), LedgerTransaction.cause, LedgerEntry.guide_id,
    LedgerEntry.store_id, LedgerEntry.currency, case((IS_ACCRUAL, "accrual"), else_="reversal").label("kind"),
    LedgerEntry.signed_fen, LedgerEntry.reason, LedgerEntry.net_fen, LedgerEntry.rate_bp, LedgerEntry.rule_no,
    LedgerEntry.plan_version_id, PlanVersion.number.label("plan_version"), _rule().label("rule"),
    CommissionPlan.code.label("plan_code"), _of_sale(Order.id).label("order_id"),
    _of_sale(Order.external_id).label("order_external_id"), _refund_id().label("refund_id"),
    LedgerTransaction.order_revision, LedgerEntry.because_order_id,
    OrderLine.id.label("order_line_id"), OrderLine.sku_code, OrderLine.product_title,
    LedgerEntry.decision_id, sellers_as_json(LedgerEntry.decision_id).label("sellers"),
    AttributionDecision.reason.label("attribution"),
)  # fmt: skip


BY_DAY = Listed(keys=(LedgerEntry.business_day, LedgerEntry.id), guide_id=LedgerEntry.guide_id, store_id=None)


def list_entries(selection: Selection, *, after: list[Any] | None, limit: int) -> list[dict[str, Any]]:
    """Entries, the newest business day first, each with all that explains it."""
    wanted = Page(
        limit=limit,
        after=None if after is None else (date.fromisoformat(after[0]), int(after[1])),
        where=(ON_DAYS,),
        store_id=selection.store_id,
        guide_id=selection.guide_id,
        parameters=selection.parameters(),
    )
    found = read_page(
        BY_DAY,
        wanted,
        principal=selection.principal,
        read=lambda theirs: list(fetch_all(_explained().where(theirs))),
    )
    return [_entry(row) for row in found]


@cache
def _explained() -> Select[Any]:
    return (
        select(*ENTRY_COLUMNS)
        .select_from(LedgerEntry)
        .join(LedgerTransaction, LedgerTransaction.id == LedgerEntry.transaction_id)
        .outerjoin(OrderLine, OrderLine.id == LedgerEntry.order_line_id)
        .outerjoin(Order, Order.id == OrderLine.order_id)
        .outerjoin(AttributionDecision, AttributionDecision.id == LedgerEntry.decision_id)
        .outerjoin(PlanVersion, PlanVersion.id == LedgerEntry.plan_version_id)
        .outerjoin(CommissionPlan, CommissionPlan.id == PlanVersion.plan_id)
        .order_by(LedgerEntry.business_day.desc(), LedgerEntry.id.desc())
    )


def _entry(row: dict[str, Any]) -> dict[str, Any]:
    currency = row.pop("currency")
    row["amount"] = as_money(row.pop("signed_fen"), currency)
    net_fen, rule = row.pop("net_fen"), row["rule"]
    row["net"] = None if net_fen is None else as_money(net_fen, currency)
    row["rule"] = rule and {"kind": rule["kind"], "name": rule["name"], "match": rule.get("match")}
    return row
