"""Settlements: looked at before anything is posted, then closed by one and decided on by another."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from commissions.queries.periods import PayPeriodNotFound
from commissions.rules.states import PeriodStateForbids
from commissions.service.closing import EarlierPeriodOpen
from commissions.service.periods import LaterPeriodClosed, PeriodOverlaps
from kit import clock
from kit.web import idempotency
from kit.web.auth import auth, principal
from kit.web.fresh_code import fresh_code
from kit.web.io import body, query, reply
from kit.web.paging import PageIn, page
from kit.web.refusals import refuses
from settlements import present, schemas
from settlements.queries.reasons import count_waiting, find_why_empty
from settlements.queries.settlements import (
    SettlementNotFound,
    find_previous,
    get_settlement,
    list_settlements,
    list_steps,
    total,
)
from settlements.queries.statements import Filter, StatementNotFound, list_previews, list_statements
from settlements.routes.blueprint import bp
from settlements.service import settlements as service
from settlements.service.decisions import (
    Decision,
    OwnStatement,
    SelfDecision,
    SettlementRecounted,
    StatementStateForbids,
    decide_on_matching,
    decide_on_named,
)
from settlements.service.settlements import BadSettlementDays, PeriodNotOver, SettlementExists
from staff.service.grants import FreshCodeRequired

SEE_SETTLEMENTS = {"hq_commission", "hq_finance", "hq_admin"}

Answer = dict[str, Any]


@bp.get("/settlements")
@auth(roles=SEE_SETTLEMENTS)
@query(PageIn)
@reply(schemas.SettlementPageOut)
def list_all_settlements(cursor: str | None, limit: int) -> Answer:
    """Settlements, the latest period first."""
    return page(
        lambda after, n: [present.settlement(row) for row in list_settlements(after=after, limit=n)],
        name="settlements",
        cursor=cursor,
        limit=limit,
        key=lambda row: [row["last_day"].isoformat(), str(row["id"])],
    )


@bp.post("/settlements")
@auth(roles={"hq_commission"})
@refuses(BadSettlementDays, LaterPeriodClosed, PeriodOverlaps, SettlementExists, SettlementNotFound)
@body(schemas.SettlementIn)
@reply(schemas.SettlementDetailOut, 201)
def create_settlement(first_day: date, last_day: date) -> Answer:
    """Begin to settle days of every store, both ends included; nothing is posted before it is closed."""
    made = service.create_settlement(first_day=first_day, last_day=last_day, by=principal().id, now=clock.now())
    return _detail(made.id)


@bp.get("/settlements/<uuid:settlement_id>")
@auth(roles=SEE_SETTLEMENTS)
@refuses(SettlementNotFound)
@reply(schemas.SettlementDetailOut)
def get_one_settlement(settlement_id: UUID) -> Answer:
    """A settlement with what its statements come to, and what was done to it."""
    return _detail(settlement_id)


@bp.get("/settlements/<uuid:settlement_id>/preview")
@auth(roles=SEE_SETTLEMENTS)
@refuses(SettlementNotFound)
@query(PageIn)
@reply(schemas.SettlementPreviewOut)
def preview_settlement(settlement_id: UUID, cursor: str | None, limit: int) -> Answer:
    """What closing would put on statements now, beside the last period; exceptions first. Nothing is written."""
    row = get_settlement(settlement_id)
    taking, previous_id = service.taking_of(row, now=clock.now()), find_previous(row)

    def fetch(after: list[Any] | None, n: int) -> list[Answer]:
        found = list_previews(taking, previous_id=previous_id, after=after, limit=n)
        return [present.compared(one) for one in found]

    def key(one: Answer) -> list[Any]:
        return [0 if one["exceptions"] else 1, one["staff_no"], one["currency"]]

    found = page(fetch, name="settlement-preview", cursor=cursor, limit=limit, key=key)
    why = [] if found["items"] else find_why_empty(taking)
    return {**found, "waiting": count_waiting(taking)._asdict(), "empty_because": why}


@bp.post("/settlements/<uuid:settlement_id>/close")
@auth(roles={"hq_commission"})
@refuses(EarlierPeriodOpen, FreshCodeRequired, PayPeriodNotFound, PeriodNotOver, PeriodStateForbids, SettlementNotFound)
@idempotency.required
@fresh_code("settlement_closing", subject="settlement_id")
@reply(schemas.SettlementDetailOut, 202)
def close_settlement(settlement_id: UUID) -> Answer:
    """Have a worker post what is owed and make the statements, with a fresh code; again, until it is approved."""
    service.begin_closing(settlement_id=settlement_id, by=principal().id, now=clock.now())
    return _detail(settlement_id)


@bp.get("/settlements/<uuid:settlement_id>/statements")
@auth(roles=SEE_SETTLEMENTS)
@refuses(SettlementNotFound)
@query(schemas.StatementsIn)
@reply(schemas.StatementPageOut)
def list_settlement_statements(settlement_id: UUID, cursor: str | None, limit: int, **wanted: Any) -> Answer:
    """The statements of a settlement, by staff number."""
    get_settlement(settlement_id)
    return statement_page(Filter(settlement_id=settlement_id, **wanted), cursor=cursor, limit=limit)


@bp.post("/settlements/<uuid:settlement_id>/decisions")
@auth(roles={"hq_finance"})
@refuses(
    *(FreshCodeRequired, OwnStatement, PayPeriodNotFound, PeriodStateForbids, SelfDecision, SettlementNotFound),
    *(SettlementRecounted, StatementNotFound, StatementStateForbids),
)
@idempotency.required
@fresh_code("statement_decision", subject="settlement_id")
@body(schemas.StatementDecisionIn)
@reply(schemas.StatementDecisionOut)
def decide_on_statements(
    settlement_id: UUID,
    statement_ids: list[UUID] | None,
    matching: dict[str, Any] | None,
    counted_at: datetime,
    **told: Any,
) -> Answer:
    """Approve, hold, release or reject statements, with a fresh code; named ones all or none, or all that match."""
    decision, now, caller = Decision(**told), clock.now(), principal()
    if statement_ids is not None:
        done = decide_on_named(settlement_id, decision, ids=statement_ids, by=caller.id, seen=counted_at, now=now)
    else:
        wanted = Filter(settlement_id=settlement_id, **(matching or {}))
        done = decide_on_matching(settlement_id, decision, wanted=wanted, principal=caller, seen=counted_at, now=now)
    return present.decided(done, total(settlement_id))


def statement_page(wanted: Filter, *, cursor: str | None, limit: int) -> Answer:
    """A page of statements in the caller's scope."""
    return page(
        lambda after, n: [
            present.statement(row) for row in list_statements(wanted, principal=principal(), after=after, limit=n)
        ],
        name="statements",
        cursor=cursor,
        limit=limit,
        key=lambda row: [row["last_day"].isoformat(), row["staff_no"], row["currency"], str(row["id"])],
    )


def _detail(settlement_id: UUID) -> Answer:
    steps = list_steps(settlement_id=settlement_id)
    return present.settlement_detail(get_settlement(settlement_id), total(settlement_id), steps)
