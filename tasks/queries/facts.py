"""What completes a task by itself: forwards sent, bindings confirmed, follow-ups, credited sales.

Each is looked up for one task (`Assignment`, `TaskPlanVersion`, `Store` of the statement around), from when it opened
until its business day is over, or its deadline, if that is later. One fact counts in every task that it fits, a
customer once in each; what names no customer counts by itself.
"""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Date,
    DateTime,
    ScalarSelect,
    Select,
    and_,
    case,
    cast,
    distinct,
    exists,
    func,
    literal,
    or_,
    select,
    true,
    union,
)
from sqlalchemy.orm import aliased

from customers.rules.bindings import WINNING
from kit.db import db
from models import (
    Assignment,
    Attribution,
    AttributionDecision,
    Binding,
    Credit,
    Customer,
    FollowUp,
    Forward,
    ForwardConfirmation,
    ForwardKey,
    Order,
    OrderLine,
    OrderMove,
    Store,
    TaskPlan,
    TaskPlanVersion,
)

# What was tapped late in the evening may be sent on the next morning.
TAPPED_BEFORE = timedelta(days=1)
# Tills' clocks run ahead of ours by so much.
SKEW = timedelta(days=1)


def facts_of_task() -> ColumnElement[int]:
    """How many facts, or different customers where they name some, a task of a counted kind has."""
    return case(
        {"forward": _forwards(), "recruit": _bindings(), "follow_up": _follow_ups(), "sales_target": _sales()},
        value=TaskPlan.kind,
    )


def _end() -> ColumnElement[datetime]:
    midnight = func.timezone(Store.time_zone, cast(Assignment.day + 1, DateTime))
    return func.greatest(midnight, Assignment.due_at)


def _inside(at: Any) -> ColumnElement[bool]:
    """What is overdue still counts until the day is over."""
    return and_(at >= Assignment.opens_at, at < _end())


def _count(found: Select[int]) -> ScalarSelect[int]:
    return found.correlate(Assignment, TaskPlanVersion, Store).scalar_subquery()


def _forwards() -> ScalarSelect[int]:
    """Distinct customers reached, and forwards sent that named none.

    Sent is what somebody confirmed (ForwardConfirmation): the app that it shared, or the channel that it delivered.
    """
    opens = Assignment.opens_at
    before = aliased(ForwardConfirmation)
    # Looked up for each forward, set apart: as conditions, PostgreSQL may sooner read all confirmations of that time.
    columns = (ForwardConfirmation.forward_id, ForwardConfirmation.customer_id, ForwardConfirmation.created_at)
    steps = select(*columns).where(ForwardConfirmation.forward_id == Forward.id).correlate(Forward).offset(0)
    steps_of_one = steps.lateral("sent")
    sent = steps_of_one.c
    same = (before.forward_id == sent.forward_id) & before.customer_id.is_not_distinct_from(sent.customer_id)
    return _count(
        select(func.count(distinct(func.coalesce(Customer.person_id, sent.forward_id))))
        .select_from(Forward)
        .join(steps_of_one, true())
        .outerjoin(Customer, Customer.id == sent.customer_id)
        .where(
            Forward.guide_id == Assignment.guide_id,
            Forward.content_id == TaskPlanVersion.content_id,
            Forward.created_at >= opens - TAPPED_BEFORE,
            Forward.created_at < _end(),
            _inside(sent.created_at),
            ~exists().where(same, before.created_at < opens).correlate_except(before),
        )
    )


def _bindings() -> ScalarSelect[int]:
    """Customers who became the guide's own by their own doing: the till, the channel or a scanned code confirmed it."""
    return _count(
        select(func.count(distinct(Customer.person_id)))
        .select_from(Binding)
        .join(Customer, Customer.id == Binding.customer_id)
        .where(
            Binding.guide_id == Assignment.guide_id,
            Binding.confirmed_how.in_(WINNING),
            _inside(Binding.confirmed_at),
        )
    )


def _follow_ups() -> ScalarSelect[int]:
    """Customers followed up; what a later row corrects counts as that one says."""
    later = aliased(FollowUp)
    return _count(
        select(func.count(distinct(Customer.person_id)))
        .select_from(FollowUp)
        .join(Customer, Customer.id == FollowUp.customer_id)
        .where(
            FollowUp.guide_id == Assignment.guide_id,
            _inside(FollowUp.at),
            ~exists().where(later.corrects_id == FollowUp.id).correlate(FollowUp),
        )
    )


def _sales() -> ScalarSelect[int]:
    """Customers, or receipts that named none, of which the guide sold something that was not given back since."""
    # The guide's own of since it opened, set apart: as a condition, PostgreSQL may sooner read the sales of all guides.
    lately = (
        select(Credit.line_id, Credit.decision_id)
        .where(Credit.beneficiary_id == Assignment.guide_id, Credit.role == "seller")
        .where(Credit.decided_at >= Assignment.opens_at - SKEW)
        .correlate(Assignment)
        .offset(0)
        .lateral("lately")
    )
    holds = and_(Attribution.line_id == lately.c.line_id, Attribution.decision_id == lately.c.decision_id)
    return _count(
        select(func.count(distinct(func.coalesce(Customer.person_id, Order.id))))
        .select_from(lately)
        .join(Attribution, holds)
        .join(OrderLine, OrderLine.id == lately.c.line_id)
        .join(Order, Order.id == OrderLine.order_id)
        .outerjoin(Customer, Customer.id == Order.customer_id)
        .where(OrderLine.net_sales_fen > 0, _inside(Order.ordered_at))
    )


def read_changed(*, since: datetime) -> list[tuple[UUID, date]]:
    """Whose facts changed since then, and of which days; nothing is read of those who did nothing."""
    found = union(_sent(since), _won(since), _followed(since), *_sold(since)).subquery("changed")
    return [(row.guide_id, row.day) for row in db.session.execute(select(found.c.guide_id, found.c.day))]


def _sent(since: datetime) -> Select[UUID, date]:
    return (
        select(Forward.guide_id.label("guide_id"), _day(ForwardConfirmation.created_at).label("day"))
        .join(ForwardKey, (ForwardKey.id == Forward.id) & (ForwardKey.created_at == Forward.created_at))
        .join(ForwardConfirmation, ForwardConfirmation.forward_id == ForwardKey.id)
        .where(ForwardConfirmation.created_at >= since)
    )


def _won(since: datetime) -> Select[UUID, date]:
    return select(Binding.guide_id, _day(Binding.confirmed_at)).where(Binding.confirmed_at >= since)


def _followed(since: datetime) -> Select[UUID, date]:
    corrected = aliased(FollowUp)
    same = or_(corrected.id == FollowUp.id, corrected.id == FollowUp.corrects_id)
    return select(corrected.guide_id, _day(corrected.at)).join(FollowUp, same).where(FollowUp.created_at >= since)


def _sold(since: datetime) -> tuple[Select[UUID, date], Select[UUID, date]]:
    """Of receipts that changed, whom any decision on them credited: also who no longer is, on days they left."""
    ever = (
        select(Credit.beneficiary_id, Order.business_day)
        .join(AttributionDecision, AttributionDecision.id == Credit.decision_id)
        .join(OrderLine, OrderLine.id == AttributionDecision.line_id)
        .join(Order, Order.id == OrderLine.order_id)
        .where(Credit.role == "seller", Order.changed_at >= since)
    )
    left = ever.with_only_columns(Credit.beneficiary_id, OrderMove.day)
    moved = left.join(OrderMove, OrderMove.moved_at >= since)
    return ever, moved


def _day(at: Any) -> ColumnElement[date]:
    return cast(func.timezone(literal("UTC"), at), Date)
