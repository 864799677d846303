"""The last word on a pay period."""

from typing import Any
from uuid import UUID

from commissions import present
from commissions.queries.periods import PayPeriodNotFound
from commissions.rules.states import PeriodStateForbids
from commissions.schemas.periods import PayPeriodOut
from commissions.service.closing import EarlierPeriodOpen, SelfApproval
from kit import clock
from kit.web import idempotency
from kit.web.auth import auth, principal
from kit.web.fresh_code import fresh_code
from kit.web.io import reply
from kit.web.refusals import refuses
from settlements.routes.blueprint import bp
from settlements.service.approval import StatementsUndecided, approve_period
from staff.service.grants import FreshCodeRequired


@bp.post("/pay-periods/<uuid:period_id>/approve")
@auth(roles={"hq_finance"})
@refuses(EarlierPeriodOpen, FreshCodeRequired, PayPeriodNotFound, PeriodStateForbids, SelfApproval, StatementsUndecided)
@idempotency.required
@fresh_code("pay_period_approval", subject="period_id")
@reply(PayPeriodOut)
def approve_pay_period(period_id: UUID) -> dict[str, Any]:
    """Fix what was posted, with a fresh code: what comes later is posted in the first open period."""
    return present.period(approve_period(period_id=period_id, by=principal().id, now=clock.now()))
