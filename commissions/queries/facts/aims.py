"""What was to be reached in a period: approved targets of net sales, of months that are cut by days."""

from datetime import date
from uuid import UUID

from sqlalchemy import select

from commissions.queries.facts.names import of_person, of_region, of_store
from commissions.queries.facts.scope import Span
from commissions.rules.language.facts import TargetFact
from commissions.rules.language.model import Measure
from kit.db import db
from models import Region, Staff, Store, Target
from targets.queries.days import month_days
from targets.rules.spreading import first_of_month, last_of_month, spread


def list_targets(span: Span, *, measures: set[Measure]) -> list[TargetFact]:
    """Targets of people, stores and regions over the days of the period; none where no rule asks for attainment."""
    if not any(measure.metric == "attainment" for measure in measures):
        return []
    found: dict[str, int] = {}
    columns = (Target.month, Target.amount, Staff.staff_no, Store.code, Region.code, Store.id, Store.country)
    wanted = (
        select(*columns)
        .outerjoin(Staff, Staff.id == Target.guide_id)
        .outerjoin(Store, Store.id == Target.store_id)
        .outerjoin(Region, Region.id == Target.region_id)
        .where(Target.metric == "net_sales", Target.currency == span.plan.currency, Target.amount.is_not(None))
        .where(Target.month.between(first_of_month(span.days.first), span.days.last))
    )
    for month, amount, staff_no, store, region, store_id, country in db.session.execute(wanted):
        subject = of_person(staff_no) if staff_no else of_store(store) if store else of_region(region)
        found[subject] = found.get(subject, 0) + _within(span, month, amount or 0, country=country, store_id=store_id)
    return [TargetFact(subject=subject, amount=amount) for subject, amount in found.items() if amount]


def _within(span: Span, month: date, amount: int, *, country: str | None, store_id: UUID | None) -> int:
    """The part of a month's target that lies on days of the period, as targets are spread."""
    first, last = span.days
    if first <= month and last_of_month(month) <= last:
        return amount
    days = month_days(month, country=country or "CN", store_id=store_id)
    return sum(part for day, part in zip(days, spread(amount, days), strict=True) if first <= day.day <= last)
