"""Figures and leaderboards."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from flask import current_app
from flask_smorest import Blueprint

from kit import clock
from kit.money import as_money
from kit.web.auth import auth, principal
from kit.web.io import query, reply
from kit.web.listed import listed, quarter_hour
from kit.web.paging import bad_cursor, page
from kit.web.refusals import refuses
from kit.web.units import report
from performance import present, queries, rules, service
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
from staff.queries.stores import StoreNotFound
from staff.rules import ANY_STAFF, MANAGERS

bp = Blueprint("performance", __name__, url_prefix="/v1", description="Performance")

Row = dict[str, Any]
COLUMNS = {
    "net_sales": "net_fen",
    "settled_sales": "settled_fen",
    "orders": "orders",
    "forwards": "forwards",
    "commission": "commission_fen",
}
# What an answer says of a row, and its column.
MONEY = {
    "net_sales": "net_fen",
    "settled_sales": "settled_fen",
    "refunds": "refunded_fen",
    "commission": "commission_fen",
}


@bp.get("/performance/me")
@auth(roles=ANY_STAFF)
@listed("figures", "orders", "ledger", "tasks", "openings", "people", turn=quarter_hour)
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
    period = _period(from_day, to_day, currency)
    _look(period)
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
        "items": [{"guide": present.person(row), **_figures(row, row["currency"])} for row in found["items"]],
        "uncredited": [_figures(row, row["currency"]) for row in uncredited],
        "computed_at": queries.computed_at(period.first, period.last),
        "restated_at": queries.restated_at(period.first, period.last, principal=principal()),
    }


@bp.get("/leaderboards")
@auth(roles=ANY_STAFF)
@refuses(StoreNotFound)
@report
@listed("figures", "people", turn=quarter_hour)
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
    stores = queries.stores_of_board(scope, store_id=store_id, principal=principal())
    if currency is None and (store_id or not principal().store_id):
        currency = queries.main_currency(stores)
    asked = _period(from_day, to_day, currency)
    _look(asked)
    board = queries.Board(
        metric=COLUMNS[metric],
        stores=stores,
        from_day=asked.first,
        to_day=asked.last,
        currency=asked.currency if metric in MONEY else None,
    )

    if rules.shows_everybody(scope, reach=principal().reach):
        found = _whole_board(board, limit=limit, cursor=cursor, with_pay=_with_pay(metric, scope))
    else:
        found = _board_beyond_sight(board, limit=limit, cursor=cursor, with_pay=_with_pay(metric, scope))
    return {
        **found,
        **asked.shown(),
        "metric": metric,
        "scope": scope,
        "computed_at": queries.computed_at(asked.first, asked.last),
        "restated_at": queries.restated_at(asked.first, asked.last, stores=queries.ids_of(stores)),
    }


def _with_pay(metric: str, scope: str) -> bool:
    return metric != "commission" or rules.shows_pay(scope, roles=principal().roles, reach=principal().reach)


def _whole_board(board: queries.Board, *, limit: int, cursor: str | None, with_pay: bool) -> Row:
    found = page(
        lambda after, count: queries.list_board(board, after=after, limit=count),
        name="leaderboard",
        cursor=cursor,
        limit=limit,
        key=lambda row: [row["rank"], row["staff_no"]],
    )
    me = principal().id
    mine = next((row for row in found["items"] if row["guide_id"] == me), None) or queries.rank_of(me, board)
    items = [present.leader(row, board.currency, me=me, with_value=with_pay) for row in found["items"]]
    standing = present.standing(mine, board.currency) if mine else None
    return {**found, "items": items, "whole": True, "around_me": [], "me": standing}


def _board_beyond_sight(board: queries.Board, *, limit: int, cursor: str | None, with_pay: bool) -> Row:
    """Who leads, by name; and how far the next ones are, without. One page: what comes after is not for everybody."""
    if cursor:
        raise bad_cursor("not_ours")
    me, named = principal().id, min(limit, current_app.config["BOARD_NAMES"])
    top = queries.list_board(board, after=None, limit=named)
    around = queries.list_around(me, board, neighbours=rules.NEIGHBOURS)
    seen = queries.stores_in_sight({row["store_id"] for row in (*top, *around)}, principal=principal())
    leading = {row["guide_id"] for row in top}
    mine = next((row for row in around if row["guide_id"] == me), None)

    def shown(row: Row, *, stranger: Callable[..., Row]) -> Row:
        if row["guide_id"] == me or row["store_id"] in seen:
            return present.leader(row, board.currency, me=me, with_value=with_pay)
        return stranger(row)

    def neighbour(row: Row) -> Row:
        return present.neighbour(row, board.currency, with_value=with_pay and row["guide_id"] not in leading)

    return {
        "items": [shown(row, stranger=present.name_only) for row in top],
        "next_cursor": None,
        "whole": False,
        "around_me": [shown(row, stranger=neighbour) for row in around],
        "me": present.standing(mine, board.currency) if mine else None,
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
@report
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
    first, last = rules.chosen_period(from_day, to_day, today=today)
    return _Period(first=first, last=last, today=today, currency=currency or home.currency)


def _look(period: _Period) -> None:
    if period.last >= period.today:
        service.note_look()


def _figures(row: Row, currency: str) -> Row:
    counts = {figure: row[figure] for figure in queries.FIGURES if not figure.endswith("_fen")}
    money = {name: as_money(row[column], currency) for name, column in MONEY.items()}
    return {**counts, **money}
