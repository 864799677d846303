"""Who leads: ranks over the same rows as every other figure."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Select, cast, func, literal, select, true, tuple_

from kit.db import fetch_all, fetch_one
from kit.errors import Invalid
from kit.principal import Principal
from models import GuideDay, Region, Staff, Store
from staff.queries import get_store

Row = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Board:
    """Guides by `metric`, a figure of GuideDay, over some stores' rows; with `currency`, over rows in that only."""

    metric: str
    stores: ColumnElement[bool]
    from_day: date
    to_day: date
    currency: str | None


def stores_of_board(scope: str, *, store_id: UUID | None, principal: Principal) -> ColumnElement[bool]:
    """True for the rows of a board: one store's, its region's with all below it, or the company's.

    The store is the principal's own unless `store_id` names another they see. Raises StoreNotFound and Invalid.
    """
    if scope == "company":
        return true()
    chosen = store_id or principal.store_id
    if chosen:
        store = get_store(chosen, principal=principal)
        return GuideDay.store_id == store.id if scope == "store" else _in_region(store.region_id)
    if scope == "region" and principal.region_id:
        return _in_region(principal.region_id)
    raise Invalid("You have no store of your own.", errors={"store_id": ["Name the store."]})


def _in_region(region_id: UUID) -> ColumnElement[bool]:
    inside = select(Store.id).join(Region).where(Region.ancestor_ids.contains([region_id]))
    return GuideDay.store_id.in_(inside)


def list_board(board: Board, *, after: list[Any] | None, limit: int) -> list[Row]:
    """The highest first: equals share a rank and stand by staff number, and the next rank counts them all."""
    ranked = _ranked(board).subquery("ranked")
    statement = (
        select(ranked, Staff.staff_no, Staff.name)
        .join(Staff, Staff.id == ranked.c.guide_id)
        .order_by(ranked.c.rank, Staff.staff_no)
        .limit(limit)
    )
    if after:
        rank, staff_no = after
        statement = statement.where(tuple_(ranked.c.rank, Staff.staff_no) > tuple_(literal(rank), literal(staff_no)))
    return list(fetch_all(statement))


def rank_of(guide_id: UUID, board: Board) -> Row | None:
    """One guide's rank and value on the board; None for who is not on it."""
    ranked = _ranked(board).subquery("ranked")
    return fetch_one(select(ranked.c.rank, ranked.c.value).where(ranked.c.guide_id == guide_id))


def _ranked(board: Board) -> Select[UUID | None, int, int]:
    value = cast(func.sum(getattr(GuideDay, board.metric)), BigInteger)
    statement = (
        select(GuideDay.guide_id, value.label("value"), func.rank().over(order_by=value.desc()).label("rank"))
        .where(GuideDay.day.between(board.from_day, board.to_day), GuideDay.guide_id.is_not(None), board.stores)
        .group_by(GuideDay.guide_id)
    )
    return statement.where(GuideDay.currency == board.currency) if board.currency else statement
