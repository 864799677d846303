"""My figures, and those of my people."""

from datetime import date
from typing import Any
from uuid import UUID

from kit.web.auth import auth, principal
from kit.web.io import query, reply
from kit.web.listed import listed, quarter_hour
from kit.web.paging import page
from kit.web.units import report
from performance import present, queries
from performance.routes.asking import asked_period, note_look
from performance.routes.blueprint import bp
from performance.schemas.figures import GuideFiguresIn, GuideFiguresListOut, MyPerformanceOut
from performance.schemas.periods import PeriodIn
from staff.rules import ANY_STAFF, MANAGERS

Row = dict[str, Any]


@bp.get("/performance/me")
@auth(roles=ANY_STAFF)
@listed(
    *("figures", "orders", "ledger", "tasks", "openings", "people", "follow_ups", "customers"),
    turn=quarter_hour,
)
@query(PeriodIn)
@reply(MyPerformanceOut)
def get_my_performance(from_day: date | None, to_day: date | None, currency: str | None) -> Row:
    """My figures by day; today's are counted now, by the same definition."""
    asked = asked_period(from_day, to_day, currency)
    days = queries.days_of(
        queries.Scope(principal().id),
        from_day=asked.first,
        to_day=asked.last,
        today=asked.today,
        currency=asked.currency,
    )
    total = {figure: sum(day[figure] for day in days) for figure in queries.FIGURES}
    return {
        **asked.shown(),
        "days": [present.day(day, asked.currency) for day in days],
        "total": present.figures(total, asked.currency),
        "ratios": present.day_ratios(total, asked.currency),
        "restated_at": queries.restated_at(
            asked.first,
            asked.last,
            stores=queries.stores_of_guide(principal().id, from_day=asked.first, to_day=asked.last),
        ),
    }


@bp.get("/performance/guides")
@auth(roles=MANAGERS)
@report
@query(GuideFiguresIn)
@reply(GuideFiguresListOut)
def list_guide_figures(
    from_day: date | None,
    to_day: date | None,
    currency: str | None,
    store_id: UUID | None,
    limit: int,
    cursor: str | None,
) -> Row:
    """Figures per guide and currency in my stores, as last computed, by staff number."""
    period = asked_period(from_day, to_day, currency)
    note_look(period)
    asked = queries.StoreFigures(first=period.first, last=period.last, store_id=store_id, currency=currency)

    def fetch(after: list[Any] | None, count: int) -> list[Row]:
        return queries.list_guides(asked, principal=principal(), after=after, limit=count)

    found = page(
        fetch, name="guide-figures", cursor=cursor, limit=limit, key=lambda row: [row["staff_no"], row["currency"]]
    )
    uncredited = queries.list_uncredited(asked, principal=principal())
    return {
        **found,
        **period.shown(),
        "currency": currency,
        "items": [{"guide": present.person(row), **present.figures(row, row["currency"])} for row in found["items"]],
        "uncredited": [present.figures(row, row["currency"]) for row in uncredited],
        "computed_at": queries.computed_at(period.first, period.last),
        "restated_at": queries.restated_at(period.first, period.last, principal=principal()),
    }
