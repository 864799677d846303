"""Of which stores and days facts are read, and on which day a receipt counts."""

from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Date, DateTime, Text, cast, func, literal, select, type_coerce
from sqlalchemy.dialects.postgresql import BIT

from commissions.rules.language.model import Plan
from commissions.rules.pay.periods import Days
from models import Order, PayGroupStore, PayPeriod, Store
from models.commissions_periods import EVERY_OTHER_STORE
from staff.scope import UuidColumn


class Span(NamedTuple):
    """A period of a plan version: its days, since and until when the version is in force, and of whom.

    `approved_at` is when the pay period was approved in which it is closed; None: it is open. `only_stores`: of these
    alone; none named: of all.
    """

    plan: Plan
    version_id: UUID
    effective_from: datetime
    effective_until: datetime | None
    days: Days
    group_code: str
    approved_at: datetime | None
    only_stores: tuple[UUID, ...] = ()


def in_group(store_id: UuidColumn, group_code: str) -> ColumnElement[bool]:
    """Whether a store is paid with the group."""
    own = select(PayGroupStore.group_code).where(PayGroupStore.store_id == store_id).scalar_subquery()
    return func.coalesce(own, EVERY_OTHER_STORE) == group_code


def stores_of(span: Span) -> ColumnElement[bool]:
    """The stores whose people and sales the plan is for."""
    tags = span.plan.audience.store_tags
    of_plan = in_group(Store.id, span.group_code) & (Store.currency == span.plan.currency)
    if span.only_stores:
        of_plan = of_plan & Store.id.in_(span.only_stores)
    return of_plan & Store.tags.overlap(list(tags)) if tags else of_plan


def arrived_at(order_id: UuidColumn) -> ColumnElement[datetime]:
    """When a receipt came in: its id is a UUIDv7, which begins with the milliseconds (RFC 9562)."""
    begins = func.substr(func.replace(cast(order_id, Text), "-", ""), 1, 12)
    milliseconds = cast(cast(func.concat("x", begins), BIT(48)), BigInteger)
    return type_coerce(func.to_timestamp(milliseconds / literal(1000.0)), DateTime(timezone=True))


def pay_day(group_code: str) -> ColumnElement[date]:
    """The business day on which a receipt counts for pay: its own, or the first that was open when it came in."""
    closed = select(func.max(PayPeriod.last_day) + 1).where(
        PayPeriod.group_code == group_code, PayPeriod.approved_at <= arrived_at(Order.id)
    )
    return func.greatest(Order.business_day, type_coerce(closed.correlate(Order).scalar_subquery(), Date))
