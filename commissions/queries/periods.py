"""Pay periods, and which periods of which plans are closed with them."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, literal, or_, select, tuple_
from sqlalchemy.orm import aliased

from commissions.queries.facts.scope import Span, in_group
from commissions.queries.plans import plan_of
from commissions.rules.language.model import Plan
from commissions.rules.pay.periods import Days, period_of
from kit.db import db
from kit.errors import NotFound
from models import Order, OrderLine, PayPeriod, PlanVersion
from models.commissions_periods import CLOSED_STATES


class PayPeriodNotFound(NotFound):
    """There is no such pay period."""

    code = "pay_period_not_found"


def get_period(period_id: UUID) -> PayPeriod:
    """A pay period; raises PayPeriodNotFound."""
    period = db.session.get(PayPeriod, period_id)
    if period is None:
        raise PayPeriodNotFound
    return period


def lock_period(period_id: UUID) -> PayPeriod:
    """A pay period, held until the unit of work ends; raises PayPeriodNotFound."""
    wanted = select(PayPeriod).where(PayPeriod.id == period_id).with_for_update()
    period = db.session.scalar(wanted.execution_options(populate_existing=True))
    if period is None:
        raise PayPeriodNotFound
    return period


def list_periods(*, after: list[Any] | None, limit: int) -> Sequence[PayPeriod]:
    """Pay periods, the latest first."""
    statement = select(PayPeriod).order_by(PayPeriod.last_day.desc(), PayPeriod.id.desc()).limit(limit)
    if after:
        last = tuple_(literal(date.fromisoformat(after[0])), literal(UUID(after[1])))
        statement = statement.where(tuple_(PayPeriod.last_day, PayPeriod.id) < last)
    return db.session.scalars(statement).all()


def has_open_before(period: PayPeriod) -> bool:
    """Whether an earlier period of the group is not approved."""
    earlier = (PayPeriod.group_code == period.group_code, PayPeriod.last_day < period.first_day)
    statement = select(PayPeriod.id).where(*earlier, PayPeriod.state.not_in(CLOSED_STATES))
    return db.session.scalars(statement.limit(1)).first() is not None


def list_versions() -> Iterator[tuple[PlanVersion, Plan, datetime | None]]:
    """The approved versions in the order of the plans, with what they say and until when each is in force."""
    following = aliased(PlanVersion)
    until = select(func.min(following.effective_from)).where(
        following.plan_id == PlanVersion.plan_id,
        following.approved_at.is_not(None),
        following.effective_from > PlanVersion.effective_from,
    )
    wanted = select(PlanVersion, until.scalar_subquery()).where(PlanVersion.approved_at.is_not(None))
    for version, effective_until in db.session.execute(wanted.order_by(PlanVersion.plan_id, PlanVersion.number)):
        yield version, plan_of(version), effective_until


def list_spans(period: PayPeriod) -> Iterator[Span]:
    """The periods of plans that end within a pay period, each by the version in force, in the order of the plans."""
    for version, plan, effective_until in list_versions():
        for days in _ending_within(period, plan.period):
            yield Span(
                plan, version.id, version.effective_from, effective_until, days, period.group_code, period.approved_at
            )


def _ending_within(period: PayPeriod, of_plan: Any) -> list[Days]:
    day, found = period.first_day, []
    while day <= period.last_day:
        days = period_of(day, of_plan)
        if days is None:
            break
        if days.last <= period.last_day:
            found.append(days)
        day = days.last + timedelta(days=1)
    return found


def list_outdated(group_code: str) -> Sequence[UUID]:
    """Closed periods of a group for which something came in since their postings were made, the oldest first."""
    returned, sold = aliased(OrderLine), aliased(OrderLine)
    sale = aliased(Order)
    refunded = (
        select(sale.id)
        .join(sold, sold.order_id == sale.id)
        .join(returned, returned.original_line_id == sold.id)
        .join(Order, Order.id == returned.order_id)
        .where(sale.business_day.between(PayPeriod.first_day, PayPeriod.last_day), Order.changed_at > PayPeriod.read_at)
        .where(in_group(sale.store_id, group_code))
    )
    changed = (
        select(Order.id)
        .where(Order.business_day.between(PayPeriod.first_day, PayPeriod.last_day))
        .where(Order.changed_at > PayPeriod.read_at, in_group(Order.store_id, group_code))
    )
    wanted = select(PayPeriod.id).where(PayPeriod.group_code == group_code, PayPeriod.state.in_(CLOSED_STATES))
    outdated = or_(refunded.correlate(PayPeriod).exists(), changed.correlate(PayPeriod).exists())
    return db.session.scalars(wanted.where(outdated).order_by(PayPeriod.first_day)).all()
