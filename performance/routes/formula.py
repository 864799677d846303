"""Why net sales changed: the factors that they are a product of."""

from datetime import date
from typing import Any
from uuid import UUID

from kit.errors import Forbidden
from kit.web.auth import auth, principal
from kit.web.io import query, reply
from kit.web.refusals import refuses
from kit.web.units import report
from performance import present, queries
from performance.queries.comparing import find_compared
from performance.queries.subjects import Subject, find_guide, find_region, find_store
from performance.routes.asking import Period, note_look, period_at
from performance.routes.blueprint import bp
from performance.rules.formula import explain, factors_of
from performance.schemas.formula import FormulaIn, FormulaOut
from staff.queries.people import StaffNotFound
from staff.queries.regions import RegionNotFound
from staff.queries.stores import StoreNotFound
from staff.rules import MANAGERS, SELLERS

Row = dict[str, Any]


@bp.get("/revenue-formula")
@auth(roles=MANAGERS | SELLERS)
@refuses(StaffNotFound, StoreNotFound, RegionNotFound)
@report
@query(FormulaIn)
@reply(FormulaOut)
def get_revenue_formula(
    guide_id: UUID | None,
    store_id: UUID | None,
    region_id: UUID | None,
    from_day: date | None,
    to_day: date | None,
    currency: str | None,
    compare: str,
) -> Row:
    """Net sales as visitors × conversion × receipts of a buyer × net sales of a receipt, and what each changed."""
    subject = _subject(guide_id, store_id, region_id)
    period = period_at(subject.time_zone, subject.currency, from_day, to_day, currency)
    note_look(period)
    first, last = find_compared(compare, subject, first=period.first, last=period.last)
    now, before = _sums(subject, period, period.first, period.last), _sums(subject, period, first, last)
    factors = factors_of(now, before)
    parts = explain(factors, now=now, before=before)
    return {
        **period.shown(),
        "subject": present.subject(subject),
        "kind": compare,
        "before_from": first,
        "before_to": last,
        "visitors_are": "viewers",
        **present.change(now["net_sales"], before["net_sales"], period.currency),
        "factors": [
            present.factor(one, part, now=now, before=before, currency=period.currency)
            for one, part in zip(factors, parts, strict=True)
        ],
    }


def _subject(guide_id: UUID | None, store_id: UUID | None, region_id: UUID | None) -> Subject:
    if (store_id or region_id) and principal().roles.isdisjoint(MANAGERS):
        raise Forbidden
    if store_id:
        return find_store(store_id, principal=principal())
    if region_id:
        return find_region(region_id, principal=principal())
    return find_guide(guide_id or principal().id, principal=principal())


def _sums(subject: Subject, period: Period, first: date, last: date) -> dict[str, int]:
    asked: Row = {"today": period.today, "currency": period.currency}
    days = queries.days_of(subject.scope, from_day=first, to_day=last, **asked)
    found = queries.read_period(subject.scope, first=first, last=last, **asked)
    return {**found, "net_sales": sum(day["net_fen"] for day in days)}
