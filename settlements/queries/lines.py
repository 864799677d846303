"""The lines of a statement: the ledger entries that it settles, each with what explains it."""

from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Select, Uuid, case, cast, func, literal, select, tuple_
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import aliased

from kit.db import db
from kit.errors import NotFound
from kit.principal import Principal
from models import (
    Attribution,
    AttributionDecision,
    CommissionPlan,
    LedgerEntry,
    LedgerTransaction,
    Order,
    OrderLine,
    PlanVersion,
    Staff,
    Statement,
    StatementEntry,
)
from staff.scope import sees_guide


class StatementLineNotFound(NotFound):
    """The statement has no such line."""

    code = "statement_line_not_found"


class LineRow(NamedTuple):
    """An entry of a statement; what it names is None where it belongs to no line or no plan."""

    entry_id: int
    day: date
    cause: str
    signed_fen: int
    currency: str
    order_external_id: str | None
    refund: bool
    sku_code: str | None
    product_title: str | None
    plan_code: str | None
    plan_version: int | None
    rule_no: int | None
    rule: dict[str, Any] | None
    rate_bp: int | None
    net_fen: int | None
    reason: str | None


class WhyRow(NamedTuple):
    """All that an entry rests on."""

    line: LineRow
    store_id: UUID
    posted_at: datetime
    transaction_id: UUID
    order_id: UUID | None
    order_line_id: UUID | None
    order_revision: int | None
    ordered_at: datetime | None
    quantity: int | None
    plan_version_id: UUID | None
    decision_id: UUID | None
    decision_reason: str | None
    policy_version: int | None
    candidates: list[dict[str, Any]]
    names: dict[str, str]  # of the candidates, by id


class CauseSum(NamedTuple):
    """What a statement's entries of one cause come to, in fen."""

    cause: str
    accrued_fen: int
    reversed_fen: int
    entries: int


_RULE = PlanVersion.document["rules"][LedgerEntry.rule_no - 1]
COLUMNS = (
    LedgerEntry.id, LedgerEntry.business_day, LedgerTransaction.cause, LedgerEntry.signed_fen, LedgerEntry.currency,
    Order.external_id, func.coalesce(Order.receipt_kind == "refund", False), OrderLine.sku_code,
    OrderLine.product_title, CommissionPlan.code, PlanVersion.number, LedgerEntry.rule_no,
    case((LedgerEntry.rule_no > 0, _RULE)), LedgerEntry.rate_bp, LedgerEntry.net_fen, LedgerEntry.reason,
)  # fmt: skip


def list_lines(statement_id: UUID, *, after: list[Any] | None, limit: int) -> list[LineRow]:
    """The entries of a statement, by day; the caller has seen that the statement is in scope."""
    keys = (LedgerEntry.business_day, LedgerEntry.id)
    statement = _lines(COLUMNS).where(StatementEntry.statement_id == statement_id).order_by(*keys).limit(limit)
    if after:
        past = tuple_(literal(date.fromisoformat(after[0])), literal(int(after[1]), BigInteger))
        statement = statement.where(tuple_(*keys) > past)
    return [LineRow(*row) for row in db.session.execute(statement)]


def sum_causes(statement_id: UUID) -> list[CauseSum]:
    """What a statement's entries come to by what caused them."""
    amount = LedgerEntry.signed_fen

    def summed(condition: Any) -> Any:
        return cast(func.coalesce(func.sum(amount).filter(condition), 0), BigInteger)

    statement = (
        select(LedgerTransaction.cause, summed(amount > 0), summed(amount < 0), func.count())
        .join(LedgerEntry, LedgerEntry.transaction_id == LedgerTransaction.id)
        .join(StatementEntry, StatementEntry.entry_id == LedgerEntry.id)
        .where(StatementEntry.statement_id == statement_id)
        .group_by(LedgerTransaction.cause)
        .order_by(LedgerTransaction.cause)
    )
    return [CauseSum(*row) for row in db.session.execute(statement)]


def explain_line(statement_id: UUID, entry_id: int, *, principal: Principal) -> WhyRow:
    """What a line of a statement in scope rests on, in one statement; raises StatementLineNotFound."""
    held, decision = aliased(AttributionDecision), aliased(AttributionDecision)
    more = (
        LedgerEntry.store_id, LedgerTransaction.created_at, LedgerTransaction.id, Order.id, OrderLine.id,
        LedgerTransaction.order_revision, Order.ordered_at, OrderLine.quantity, LedgerEntry.plan_version_id,
        decision.id, decision.reason, decision.policy_version, decision.candidates, _names(decision),
    )  # fmt: skip
    statement = (
        _lines((*COLUMNS, *more))
        .join(Statement, Statement.id == StatementEntry.statement_id)
        .outerjoin(Attribution, Attribution.line_id == OrderLine.id)
        .outerjoin(held, held.id == func.coalesce(LedgerEntry.decision_id, Attribution.decision_id, type_=Uuid))
        # What takes a line back rests on the decision on that line.
        .outerjoin(decision, decision.id == func.coalesce(held.original_decision_id, held.id))
        .where(Statement.id == statement_id, LedgerEntry.id == entry_id)
        .where(sees_guide(Statement.guide_id, Statement.store_id, principal))
    )
    row = db.session.execute(statement).first()
    if row is None:
        raise StatementLineNotFound
    width, names = len(COLUMNS), WhyRow._fields[1:]
    told: dict[str, Any] = dict(zip(names, row[width:], strict=True))
    told |= {"candidates": told["candidates"] or [], "names": told["names"] or {}}
    return WhyRow(line=LineRow(*row[:width]), **told)


def _names(decision: Any) -> ColumnElement[Any]:
    candidate = func.jsonb_array_elements(decision.candidates, type_=JSONB).column_valued("candidate")
    named = select(func.jsonb_object_agg(Staff.id, Staff.name)).where(
        Staff.id.in_(select(cast(candidate["guide_id"].astext, Uuid)).correlate(decision))
    )
    return named.correlate(decision).scalar_subquery()


def _lines(columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .select_from(StatementEntry)
        .join(LedgerEntry, LedgerEntry.id == StatementEntry.entry_id)
        .join(LedgerTransaction, LedgerTransaction.id == LedgerEntry.transaction_id)
        .outerjoin(OrderLine, OrderLine.id == LedgerEntry.order_line_id)
        .outerjoin(Order, Order.id == OrderLine.order_id)
        .outerjoin(PlanVersion, PlanVersion.id == LedgerEntry.plan_version_id)
        .outerjoin(CommissionPlan, CommissionPlan.id == PlanVersion.plan_id)
    )
