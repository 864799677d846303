"""Who leads, and where I stand."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from flask import current_app

from kit.web.auth import auth, principal
from kit.web.io import query, reply
from kit.web.listed import listed, quarter_hour
from kit.web.paging import bad_cursor, page
from kit.web.refusals import refuses
from kit.web.units import report
from performance import present, queries
from performance.queries.figures import BY_NAME, MONEY
from performance.routes.asking import asked_period, note_look
from performance.routes.blueprint import bp
from performance.rules import sight
from performance.schemas.boards import LeaderboardIn, LeaderboardOut
from staff.queries.stores import StoreNotFound
from staff.rules import ANY_STAFF

Row = dict[str, Any]


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
    asked = asked_period(from_day, to_day, currency)
    note_look(asked)
    board = queries.Board(
        metric=BY_NAME[metric].column,
        stores=stores,
        from_day=asked.first,
        to_day=asked.last,
        currency=asked.currency if BY_NAME[metric].column in MONEY else None,
    )

    if sight.shows_everybody(scope, reach=principal().reach):
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
    return metric != "commission" or sight.shows_pay(scope, roles=principal().roles, reach=principal().reach)


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
    around = queries.list_around(me, board, neighbours=sight.NEIGHBOURS)
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
