"""Deciding on statements, one or many: approved, held, released or rejected by who neither closed nor is paid them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import insert, literal, select, update

from commissions.queries.periods import lock_period
from commissions.rules.states import PeriodStateForbids
from kit.db import db
from kit.errors import Conflict
from kit.moves import state_after, states_before
from kit.principal import Principal
from models import SettlementStep, Statement
from settlements.queries.settlements import SettlementRow, has_closed, lock_settlement
from settlements.queries.statements import Filter, StatementNotFound, among, list_states, list_states_of
from settlements.rules.states import STATEMENT_MOVES, allows

STEP = ("settlement_id", "statement_id", "command", "state", "reason", "taken_by", "taken_at")


class SelfDecision(Conflict):
    """Who closed a settlement decides on none of its statements."""

    code = "settlement_self_decision"


class OwnStatement(Conflict):
    """Nobody decides on their own statement (`statement_id`)."""

    code = "own_statement"


class SettlementRecounted(Conflict):
    """The statements were made anew since the caller looked at them (`counted_at`)."""

    code = "settlement_recounted"


class StatementStateForbids(Conflict):
    """The statement (`statement_id`) is in a `state` in which this cannot be decided."""

    code = "statement_state_forbids"


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What is decided; holding and rejecting have a reason, holding may have a day."""

    command: str
    reason: str | None = None
    held_until: date | None = None


class Decided(NamedTuple):
    """How many statements were decided on; `own` are the caller's that somebody else has to decide on."""

    decided: int
    own: int


def decide_on_named(
    settlement_id: UUID, decision: Decision, *, ids: Sequence[UUID], by: UUID, seen: datetime, now: datetime
) -> Decided:
    """Decide on these statements, all or none, as they were counted when they were `seen`.

    Raises SettlementNotFound, SelfDecision, PeriodStateForbids, SettlementRecounted, StatementNotFound, OwnStatement,
    StatementStateForbids.
    """
    _lock(settlement_id, decision, by=by, seen=seen)
    found = list_states_of(settlement_id, ids)
    if len(found) < len(set(ids)):
        raise StatementNotFound
    before = states_before(STATEMENT_MOVES, decision.command)
    for one in found:
        if one.guide_id == by:
            raise OwnStatement(statement_id=one.id)
        if one.state not in before:
            raise StatementStateForbids(statement_id=one.id, state=one.state)
    return Decided(_move(decision, ids, by=by, now=now), 0)


def decide_on_matching(
    settlement_id: UUID, decision: Decision, *, wanted: Filter, principal: Principal, seen: datetime, now: datetime
) -> Decided:
    """Decide on all that match and are in a state for it, but the caller's own.

    Raises SettlementNotFound, SelfDecision, PeriodStateForbids, SettlementRecounted.
    """
    _lock(settlement_id, decision, by=principal.id, seen=seen)
    before = states_before(STATEMENT_MOVES, decision.command)
    found = [one for one in list_states(wanted, principal=principal) if one.state in before]
    ids = [one.id for one in found if one.guide_id != principal.id]
    return Decided(_move(decision, ids, by=principal.id, now=now), len(found) - len(ids))


def _lock(settlement_id: UUID, decision: Decision, *, by: UUID, seen: datetime) -> SettlementRow:
    row = lock_settlement(settlement_id)
    period = lock_period(row.period_id)
    if by == period.closed_by or has_closed(settlement_id, by):
        raise SelfDecision
    if not allows(period.state, decision.command):
        raise PeriodStateForbids
    if row.counted_at != seen:
        raise SettlementRecounted(counted_at=row.counted_at)
    return row


def _move(decision: Decision, ids: Sequence[UUID], *, by: UUID, now: datetime) -> int:
    state = state_after(STATEMENT_MOVES, decision.command)
    kept = decision.reason if decision.command in ("hold", "reject") else None
    told = {"state": state, "reason": kept, "held_until": decision.held_until}
    db.session.execute(update(Statement).where(among(ids)).values(told).execution_options(synchronize_session=False))
    values = (literal(value) for value in (decision.command, state, decision.reason, by, now))
    steps = select(Statement.settlement_id, Statement.id, *values).where(among(ids)).order_by(Statement.id)
    db.session.execute(insert(SettlementStep).from_select(STEP, steps, include_defaults=False))
    return len(set(ids))
