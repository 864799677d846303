"""Statements and what a settlement would make, each beside the last one and with what is unusual about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    Uuid,
    and_,
    any_,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY, array
from sqlalchemy.orm import aliased

from kit.db import db
from kit.errors import NotFound
from kit.principal import Principal
from models import (
    LedgerEntry,
    PayPeriod,
    PlanAcknowledgement,
    Settlement,
    Staff,
    Statement,
    StatementEntry,
    Store,
)
from settlements.queries.due import Taking, amounts
from settlements.queries.settlements import AMOUNTS
from staff.scope import sees_guide

# A statement so many times as large as the last one is looked at.
OUTLIER_TIMES = 3
EXCEPTIONS = ("owes_back", "outlier", "new_person", "left", "plan_not_acknowledged")


class StatementNotFound(NotFound):
    """There is no such statement within the principal's scope."""

    code = "statement_not_found"


class AmountsRow(NamedTuple):
    """What somebody is paid in a currency, beside what they were paid last; `exceptions` first."""

    guide_id: UUID
    staff_no: str
    guide_name: str
    currency: str
    opening_fen: int
    accrued_fen: int
    reversed_fen: int
    payable_fen: int
    carried_fen: int
    last_fen: int | None
    exceptions: list[str]


class StatementRow(NamedTuple):
    """A statement with who it is of and the days that it settles."""

    id: UUID
    settlement_id: UUID
    first_day: date
    last_day: date
    period_state: str
    guide_id: UUID
    staff_no: str
    guide_name: str
    store_id: UUID
    store_code: str
    currency: str
    state: str
    opening_fen: int
    accrued_fen: int
    reversed_fen: int
    payable_fen: int
    carried_fen: int
    reason: str | None
    held_until: date | None
    version: int
    closed_at: datetime | None
    last_fen: int | None
    exceptions: list[str]


@dataclass(frozen=True, kw_only=True)
class Filter:
    """Which statements are wanted."""

    settlement_id: UUID | None = None
    state: str | None = None
    store_id: UUID | None = None
    guide_id: UUID | None = None
    currency: str | None = None
    exception: str | None = None


def list_previews(taking: Taking, *, previous_id: UUID | None, after: list[Any] | None, limit: int) -> list[AmountsRow]:
    """What the statements would come to now, those with exceptions first, then by staff number."""
    found = amounts(taking).subquery("found")
    last = aliased(Statement)
    held = _exceptions(found.c, last, Staff, taking.first_day, taking.last_day, entries=None)
    names = (found.c[name] for name in AMOUNTS)
    ordinary = case((func.cardinality(held) > 0, 0), else_=1)
    keys = (ordinary, Staff.staff_no, found.c.currency)
    statement = (
        select(found.c.guide_id, Staff.staff_no, Staff.name, found.c.currency, *names, last.payable_fen, held)
        .join(Staff, Staff.id == found.c.guide_id)
        .outerjoin(last, _is_last(last, found.c, previous_id))
        .order_by(*keys)
        .limit(limit)
    )
    if after:
        statement = statement.where(tuple_(*keys) > tuple_(*(literal(value) for value in after)))
    return [AmountsRow(*row) for row in db.session.execute(statement)]


def list_statements(wanted: Filter, *, principal: Principal, after: list[Any] | None, limit: int) -> list[StatementRow]:
    """Statements in scope, the latest period first; within it by staff number."""
    found, matches = _found(wanted, principal)
    keys = (found.c.last_day, found.c.staff_no, found.c.currency, found.c.id)
    chosen = select(found).where(*matches).order_by(keys[0].desc(), *keys[1:]).limit(limit)
    if after:
        last = date.fromisoformat(after[0])
        beyond = tuple_(*keys[1:]) > tuple_(literal(after[1]), literal(after[2]), literal(UUID(after[3])))
        chosen = chosen.where(or_(keys[0] < last, and_(keys[0] == last, beyond)))
    return [StatementRow(*row) for row in db.session.execute(chosen)]


def get_statement(statement_id: UUID, *, principal: Principal) -> StatementRow:
    """A statement in scope; raises StatementNotFound."""
    row = db.session.execute(_statements(principal).where(Statement.id == statement_id)).first()
    if row is None:
        raise StatementNotFound
    return StatementRow(*row)


class StateRow(NamedTuple):
    """Whose a statement is, and in which state."""

    id: UUID
    guide_id: UUID
    state: str


def list_states(wanted: Filter, *, principal: Principal) -> list[StateRow]:
    """Statements in scope that match, all of them."""
    found, matches = _found(wanted, principal)
    return [
        StateRow(*row)
        for row in db.session.execute(select(found.c.id, found.c.guide_id, found.c.state).where(*matches))
    ]


def list_states_of(settlement_id: UUID, ids: Sequence[UUID]) -> list[StateRow]:
    """These statements, as far as they are of the settlement."""
    wanted = select(Statement.id, Statement.guide_id, Statement.state).where(
        Statement.settlement_id == settlement_id, among(ids)
    )
    return [StateRow(*row) for row in db.session.execute(wanted)]


def among(ids: Sequence[UUID]) -> ColumnElement[bool]:
    """That a statement is one of these, however many they are."""
    return Statement.id == any_(literal(list(ids), ARRAY(Uuid)))


def _found(wanted: Filter, principal: Principal) -> tuple[Any, list[ColumnElement[bool]]]:
    found = _statements(principal).where(*_conditions(wanted)).subquery("found")
    if wanted.exception is None:
        return found, []
    return found, [found.c.exceptions.contains(cast(array([wanted.exception]), ARRAY(Text)))]


def _conditions(wanted: Filter) -> list[ColumnElement[bool]]:
    equal = {
        Statement.settlement_id: wanted.settlement_id,
        Statement.state: wanted.state,
        Statement.store_id: wanted.store_id,
        Statement.guide_id: wanted.guide_id,
        Statement.currency: wanted.currency,
    }
    return [column == value for column, value in equal.items() if value is not None]


def _statements(principal: Principal) -> Select[*tuple[Any, ...]]:
    last, last_settlement, last_period = aliased(Statement), aliased(Settlement), aliased(PayPeriod)
    before = (
        select(last)
        .join(last_settlement, last_settlement.id == last.settlement_id)
        .join(last_period, last_period.id == last_settlement.period_id)
        .where(last.guide_id == Statement.guide_id, last.currency == Statement.currency)
        .where(last_period.group_code == PayPeriod.group_code, last_period.last_day < PayPeriod.first_day)
        .order_by(last_period.last_day.desc())
        .limit(1)
        .lateral("before")
    )
    entries = select(LedgerEntry.plan_version_id).join(StatementEntry, StatementEntry.entry_id == LedgerEntry.id)
    own = entries.where(StatementEntry.statement_id == Statement.id)
    held = _exceptions(Statement, before.c, Staff, PayPeriod.first_day, PayPeriod.last_day, entries=own)
    return (
        select(
            Statement.id, Statement.settlement_id, PayPeriod.first_day, PayPeriod.last_day,
            PayPeriod.state.label("period_state"), Statement.guide_id, Staff.staff_no, Staff.name.label("guide_name"),
            Statement.store_id, Store.code.label("store_code"), Statement.currency, Statement.state,
            *(getattr(Statement, name) for name in AMOUNTS), Statement.reason, Statement.held_until,
            Statement.version, PayPeriod.closed_at, before.c.payable_fen.label("last_fen"), held,
        )
        .join(Settlement, Settlement.id == Statement.settlement_id)
        .join(PayPeriod, PayPeriod.id == Settlement.period_id)
        .join(Staff, Staff.id == Statement.guide_id)
        .join(Store, Store.id == Statement.store_id)
        .outerjoin(before, true())
        .where(sees_guide(Statement.guide_id, Statement.store_id, principal))
    )  # fmt: skip


def _is_last(last: Any, found: Any, previous_id: UUID | None) -> ColumnElement[bool]:
    return and_(last.settlement_id == previous_id, last.guide_id == found.guide_id, last.currency == found.currency)


def _exceptions(found: Any, last: Any, person: Any, first: Any, until: Any, *, entries: Any) -> ColumnElement[Any]:
    """The codes of EXCEPTIONS that hold; without a statement's entries, plans are asked for of those that are open."""
    versions = entries if entries is not None else _open_versions(found, until)
    said = select(PlanAcknowledgement.version_id).where(PlanAcknowledgement.staff_id == person.id)
    read = versions.where(LedgerEntry.plan_version_id.is_not(None), LedgerEntry.plan_version_id.not_in(said))
    held = {
        "owes_back": found.carried_fen < 0,
        "outlier": and_(last.payable_fen > 0, found.payable_fen >= last.payable_fen * OUTLIER_TIMES),
        "new_person": person.hired_on.between(first, until),
        "left": person.left_on <= until,
        "plan_not_acknowledged": read.exists(),
    }
    told: array[Any] = array([case((condition, literal(code, Text))) for code, condition in held.items()], type_=Text)
    return func.array_remove(told, None, type_=ARRAY(Text)).label("exceptions")


def _open_versions(found: Any, until: Any) -> Select[Any]:
    on_statement = select(StatementEntry.entry_id).where(StatementEntry.entry_id == LedgerEntry.id)
    own = (LedgerEntry.guide_id == found.guide_id, LedgerEntry.currency == found.currency)
    return select(LedgerEntry.plan_version_id).where(*own, LedgerEntry.business_day <= until, ~on_statement.exists())
