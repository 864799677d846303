"""The figures of a guide, a store or a region, and the rows that they are made of."""

from datetime import date
from typing import Any
from uuid import UUID

from kit import clock
from kit.web.auth import auth, principal
from kit.web.io import query, reply
from kit.web.paging import page
from kit.web.refusals import refuses
from kit.web.units import report
from performance import present, queries
from performance.queries.aims import list_aims
from performance.queries.comparing import find_compared
from performance.queries.opening import NOBODY, list_facts
from performance.queries.subjects import Subject, find_guide, find_region, find_store
from performance.routes.asking import Period, note_look, period_at
from performance.routes.blueprint import bp
from performance.schemas.figures import (
    OpenedIn,
    OpenedPageOut,
    PerformanceIn,
    PerformanceOut,
    RegionPerformanceIn,
)
from staff.queries.people import StaffNotFound
from staff.queries.regions import RegionNotFound
from staff.queries.stores import StoreNotFound
from staff.rules import MANAGERS, SELLERS

Row = dict[str, Any]


@bp.get("/performance/guides/<uuid:staff_id>")
@auth(roles=MANAGERS | SELLERS)
@refuses(StaffNotFound)
@report
@query(PerformanceIn)
@reply(PerformanceOut)
def get_guide_performance(staff_id: UUID, **asked: Any) -> Row:
    """Somebody's figures by day, sums, ratios, targets and a comparison: my own, or of people in my stores."""
    return _performance(find_guide(staff_id, principal=principal()), **asked)


@bp.get("/performance/stores/<uuid:store_id>")
@auth(roles=MANAGERS)
@refuses(StoreNotFound)
@report
@query(PerformanceIn)
@reply(PerformanceOut)
def get_store_performance(store_id: UUID, **asked: Any) -> Row:
    """A store's figures by day, what nobody gets credit for among them; sums, ratios, targets and a comparison."""
    return _performance(find_store(store_id, principal=principal()), **asked)


@bp.get("/performance/regions/<uuid:region_id>")
@auth(roles=MANAGERS)
@refuses(RegionNotFound)
@report
@query(RegionPerformanceIn)
@reply(PerformanceOut)
def get_region_performance(region_id: UUID, **asked: Any) -> Row:
    """A region's figures, for who sees all of its stores."""
    return _performance(find_region(region_id, principal=principal()), **asked)


@bp.get("/performance/guides/<uuid:staff_id>/facts")
@auth(roles=MANAGERS | SELLERS)
@refuses(StaffNotFound)
@report
@query(OpenedIn)
@reply(OpenedPageOut)
def list_guide_facts(staff_id: UUID, **asked: Any) -> Row:
    """What a figure of a guide's day is made of."""
    return _opened(find_guide(staff_id, principal=principal()), **asked)


@bp.get("/performance/stores/<uuid:store_id>/facts")
@auth(roles=MANAGERS)
@refuses(StoreNotFound)
@report
@query(OpenedIn)
@reply(OpenedPageOut)
def list_store_facts(store_id: UUID, **asked: Any) -> Row:
    """What a figure of a store's day is made of."""
    return _opened(find_store(store_id, principal=principal()), **asked)


@bp.get("/performance/regions/<uuid:region_id>/facts")
@auth(roles=MANAGERS)
@refuses(RegionNotFound)
@report
@query(OpenedIn)
@reply(OpenedPageOut)
def list_region_facts(region_id: UUID, **asked: Any) -> Row:
    """What a figure of a region's day is made of."""
    return _opened(find_region(region_id, principal=principal()), **asked)


def _performance(
    subject: Subject,
    *,
    from_day: date | None,
    to_day: date | None,
    currency: str | None,
    compare: str | None,
    like_for_like: bool = False,
) -> Row:
    period = period_at(subject.time_zone, subject.currency, from_day, to_day, currency)
    note_look(period)
    other = find_compared(compare, subject, first=period.first, last=period.last) if compare else None
    if other and like_for_like:
        first, last = min(other[0], period.first), max(other[1], period.last)
        subject = queries.like_for_like(subject, first=first, last=last)
    days = _days(subject, period, period.first, period.last)
    month = period.last.replace(day=1)
    aims = list_aims(subject, month=month, principal=principal(), now=clock.now())
    return {
        **period.shown(),
        "subject": present.subject(subject),
        "counted_stores": None if subject.kind == "guide" else len(subject.scope.store_ids or ()),
        "days": [present.day(day, period.currency) for day in days],
        **_sums(subject, period, period.first, period.last, days),
        "targets": [present.aim(aim) for aim in aims],
        "comparison": {"kind": compare, **_compared(subject, period, *other)} if other else None,
        "restated_at": _restated_at(subject, period),
    }


def _compared(subject: Subject, period: Period, first: date, last: date) -> Row:
    days = _days(subject, period, first, last)
    return {"from": first, "to": last, **_sums(subject, period, first, last, days)}


def _days(subject: Subject, period: Period, first: date, last: date) -> list[Row]:
    return queries.days_of(subject.scope, from_day=first, to_day=last, today=period.today, currency=period.currency)


def _sums(subject: Subject, period: Period, first: date, last: date, days: list[Row]) -> Row:
    total = {figure: sum(day[figure] for day in days) for figure in queries.FIGURES}
    readings = queries.read_period(subject.scope, first=first, last=last, today=period.today, currency=period.currency)
    return present.sums(total, readings, period.currency)


def _restated_at(subject: Subject, period: Period) -> Any:
    if subject.scope.guide_id:
        stores = queries.stores_of_guide(subject.id, from_day=period.first, to_day=period.last)
        return queries.restated_at(period.first, period.last, stores=stores)
    return queries.restated_at(period.first, period.last, stores=subject.scope.store_ids)


def _opened(subject: Subject, *, metric: str, day: date, limit: int, cursor: str | None) -> Row:
    def fetch(after: list[Any] | None, count: int) -> list[Row]:
        last = (UUID(after[0]), UUID(after[1])) if after else None
        return list_facts(subject.scope, metric=metric, day=day, after=last, limit=count)

    return page(fetch, name="figure-facts", cursor=cursor, limit=limit, key=_key_of)


def _key_of(row: Row) -> list[str]:
    return [str(row["id"]), str(row["guide_id"] or NOBODY)]
