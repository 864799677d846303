"""Pay periods: closed by one, approved by another."""

from datetime import date
from typing import Any
from uuid import UUID

from commissions import present, queries, service
from commissions.queries.periods import PayPeriodNotFound
from commissions.routes.blueprint import bp
from commissions.rules.states import PeriodStateForbids
from commissions.schemas.periods import PayPeriodIn, PayPeriodOut, PayPeriodPageOut, ProjectionOut
from commissions.service.periods import LaterPeriodClosed, PeriodOverlaps
from kit import clock
from kit.web import idempotency
from kit.web.auth import auth, principal
from kit.web.fresh_code import fresh_code
from kit.web.io import body, query, reply
from kit.web.paging import PageIn, page
from kit.web.refusals import refuses
from staff.service.grants import FreshCodeRequired

SEE_PERIODS = {"hq_commission", "hq_finance", "hq_admin"}

Answer = dict[str, Any]


@bp.get("/pay-periods")
@auth(roles=SEE_PERIODS)
@query(PageIn)
@reply(PayPeriodPageOut)
def list_periods(cursor: str | None, limit: int) -> Answer:
    """Pay periods, the latest first."""
    return page(
        lambda after, n: [present.period(row) for row in queries.list_periods(after=after, limit=n)],
        name="pay-periods",
        cursor=cursor,
        limit=limit,
        key=lambda row: [row["last_day"].isoformat(), str(row["id"])],
    )


@bp.post("/pay-periods")
@auth(roles={"hq_commission"})
@refuses(LaterPeriodClosed, PeriodOverlaps)
@body(PayPeriodIn)
@reply(PayPeriodOut, 201)
def create_period(first_day: date, last_day: date) -> Answer:
    """Days that will be closed together, of every store that is in no group of its own."""
    return present.period(service.create_period(first_day=first_day, last_day=last_day))


@bp.get("/pay-periods/<uuid:period_id>")
@auth(roles=SEE_PERIODS)
@refuses(PayPeriodNotFound)
@reply(PayPeriodOut)
def get_period(period_id: UUID) -> Answer:
    """A pay period, and how far its pay is."""
    return present.period(queries.get_period(period_id))


@bp.get("/pay-periods/<uuid:period_id>/projection")
@auth(roles=SEE_PERIODS)
@refuses(PayPeriodNotFound)
@reply(ProjectionOut)
def get_projection(period_id: UUID) -> Answer:
    """What closing would post now of tables, pools, contests and guarantees, and what it has to ask."""
    return {"items": [present.projected(one) for one in service.project_period(period_id)]}


@bp.post("/pay-periods/<uuid:period_id>/close")
@auth(roles={"hq_commission"})
@refuses(FreshCodeRequired, PayPeriodNotFound, PeriodStateForbids)
@idempotency.required
@fresh_code("pay_period_closing", subject="period_id")
@reply(PayPeriodOut, 202)
def close_period(period_id: UUID) -> Answer:
    """Have a worker post what the period owes, with a fresh code; again before approval, the difference."""
    return present.period(service.begin_closing(period_id=period_id, by=principal().id, now=clock.now()))
