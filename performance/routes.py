"""Figures and leaderboards."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from flask_smorest import Blueprint

from kit import clock
from kit.money import as_money
from kit.web.auth import auth, principal
from kit.web.io import query, reply
from kit.web.paging import page
from performance import queries
from performance.rules import chosen_period, shows_pay
from performance.schemas import (
    ContentFiguresIn,
    ContentFiguresListOut,
    GuideFiguresIn,
    GuideFiguresListOut,
    LeaderboardIn,
    LeaderboardOut,
    MyPerformanceOut,
    PeriodIn,
)
from staff.queries import home_of
from staff.rules import ANY_STAFF, MANAGERS

bp = Blueprint("performance", __name__, url_prefix="/v1", description="Performance")

Row = dict[str, Any]
COLUMNS = {"net_sales": "net_fen", "orders": "orders", "forwards": "forwards", "commission": "commission_fen"}
MONEY_METRICS = ("net_sales", "commission")


@bp.get("/performance/me")
@auth(roles=ANY_STAFF)
@query(PeriodIn)
@reply(MyPerformanceOut)
def get_my_performance(from_day: date | None, to_day: date | None, currency: str | None) -> Row:
    """My figures by day; today's are counted now, by the same definition."""
    asked = _period(from_day, to_day, currency)
    days = queries.days_of_guide(
        principal().id, from_day=asked.first, to_day=asked.last, today=asked.today, currency=asked.currency
    )
    total = {figure: sum(day[figure] for day in days) for figure in queries.FIGURES}
    return {
        **asked.shown(),
        "days": [{"day": day["day"], "live": day["live"], **_figures(day, asked.currency)} for day in days],
        "total": _figures(total, asked.currency),
    }


@bp.get("/performance/guides")
@auth(roles=MANAGERS)
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
    """Figures per guide in my stores, as last computed, by staff number."""
    asked = _period(from_day, to_day, currency)

    def fetch(after: list[Any] | None, count: int) -> list[Row]:
        return queries.list_guides(
            principal=principal(),
            store_id=store_id,
            from_day=asked.first,
            to_day=asked.last,
            currency=asked.currency,
            after=after,
            limit=count,
        )

    found = page(fetch, name="guide-figures", cursor=cursor, limit=limit, key=lambda row: [row["staff_no"]])
    items = [{"guide": _person(row), **_figures(row, asked.currency)} for row in found["items"]]
    return {
        **found,
        **asked.shown(),
        "items": items,
        "computed_at": queries.computed_at(asked.first, asked.last),
    }


@bp.get("/leaderboards")
@auth(roles=ANY_STAFF)
@query(LeaderboardIn)
@reply(LeaderboardOut)
def get_leaderboard(
    metric: str,
    scope: str,
    store_id: UUID | None,
    from_day: date | None,
    to_day: date | None,
    currency: str | None,
    limit: int,
    cursor: str | None,
) -> Row:
    """Who leads in a store, its region or the company, and where I stand; from the same rows as every other figure."""
    asked = _period(from_day, to_day, currency)
    board = queries.Board(
        metric=COLUMNS[metric],
        stores=queries.stores_of_board(scope, store_id=store_id, principal=principal()),
        from_day=asked.first,
        to_day=asked.last,
        currency=asked.currency if metric in MONEY_METRICS else None,
    )

    def fetch(after: list[Any] | None, count: int) -> list[Row]:
        return queries.list_board(board, after=after, limit=count)

    found = page(fetch, name="leaderboard", cursor=cursor, limit=limit, key=lambda row: [row["rank"], row["staff_no"]])
    shown = metric != "commission" or shows_pay(scope, roles=principal().roles, reach=principal().reach)
    me = principal().id
    mine = next((row for row in found["items"] if row["guide_id"] == me), None) or queries.rank_of(me, board)
    return {
        **found,
        **asked.shown(),
        "items": [_leader(row, board.currency, with_value=shown) for row in found["items"]],
        "metric": metric,
        "scope": scope,
        "computed_at": queries.computed_at(asked.first, asked.last),
        "me": _standing(mine, board.currency) if mine else None,
    }


@dataclass(frozen=True, kw_only=True)
class _Period:
    first: date
    last: date
    today: date
    currency: str

    def shown(self) -> Row:
        return {"from": self.first, "to": self.last, "currency": self.currency}


@bp.get("/content-figures")
@auth(roles=ANY_STAFF)
@query(ContentFiguresIn)
@reply(ContentFiguresListOut)
def list_content_figures(by: str, since: datetime, until: datetime, content_id: UUID | None, limit: int) -> Row:
    """Forwarded, delivered, opened, asked about, ordered: per content, version, guide, store or channel."""
    items = queries.list_content_figures(
        by=by, since=since, until=until, content_id=content_id, principal=principal(), limit=limit
    )
    return {"items": items}


def _period(from_day: date | None, to_day: date | None, currency: str | None) -> _Period:
    home = home_of(principal())
    today = clock.business_day(clock.now(), home.time_zone)
    first, last = chosen_period(from_day, to_day, today=today)
    return _Period(first=first, last=last, today=today, currency=currency or home.currency)


def _figures(row: Row, currency: str) -> Row:
    counts = {figure: row[figure] for figure in queries.FIGURES if not figure.endswith("_fen")}
    money = {metric: as_money(row[COLUMNS[metric]], currency) for metric in MONEY_METRICS}
    return {**counts, **money}


def _person(row: Row) -> Row | None:
    return {"id": row["guide_id"], "staff_no": row["staff_no"], "name": row["name"]} if row["guide_id"] else None


def _leader(row: Row, currency: str | None, *, with_value: bool) -> Row:
    is_me = row["guide_id"] == principal().id
    value = {} if with_value or is_me else {"amount": None}
    return {**_standing(row, currency), **value, "guide": _person(row), "is_me": is_me}


def _standing(row: Row, currency: str | None) -> Row:
    amount = as_money(row["value"], currency) if currency else None
    return {"rank": row["rank"], "amount": amount, "count": None if currency else row["value"]}
