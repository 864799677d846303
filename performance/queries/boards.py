"""Who leads: ranks over the same rows as every other figure."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Integer, Select, String, Uuid, bindparam, cast, func, select, tuple_
from sqlalchemy.dialects.postgresql import array

from kit.db import db, fetch_all, fetch_one
from kit.errors import Invalid
from kit.principal import Principal
from kit.words import say
from models import GuideDay, Region, Staff, Store
from performance.queries.figures import FROM_DAY, GUIDE_ID, TO_DAY
from performance.queries.reading import CURRENCY
from staff.queries import get_store
from staff.scope import sees_store

Row = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Stores:
    """Whose rows a board ranks: one store's, a region's with all below it, or (both None) the company's."""

    store_id: UUID | None = None
    region_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class Board:
    """Guides by `metric`, a figure of GuideDay, over some stores' rows; with `currency`, over rows in that only."""

    metric: str
    stores: Stores
    from_day: date
    to_day: date
    currency: str | None


def stores_of_board(scope: str, *, store_id: UUID | None, principal: Principal) -> Stores:
    """The stores of a board: one, those of its region, or the company's.

    The store is the principal's own unless `store_id` names another they see. Raises StoreNotFound and Invalid.
    """
    if scope == "company":
        return Stores()
    chosen = store_id or principal.store_id
    if chosen:
        store = get_store(chosen, principal=principal)
        return Stores(store_id=store.id) if scope == "store" else Stores(region_id=store.region_id)
    if scope == "region" and principal.region_id:
        return Stores(region_id=principal.region_id)
    raise Invalid(say("invalid.no_store"), errors={"store_id": [say("required.store")]})


def main_currency(stores: Stores) -> str | None:
    """The currency of most of the stores; None where there are none."""
    statement = ids_of(stores).with_only_columns(Store.currency).group_by(Store.currency)
    return db.session.scalar(statement.order_by(func.count().desc(), Store.currency).limit(1))


def ids_of(stores: Stores) -> Select[Any]:
    """The ids of the stores of a board."""
    statement = select(Store.id)
    if stores.store_id:
        statement = statement.where(Store.id == stores.store_id)
    if stores.region_id:
        below = select(Region.id).where(Region.ancestor_ids.contains(array([stores.region_id])))
        statement = statement.where(Store.region_id.in_(below))
    return statement


def list_board(board: Board, *, after: list[Any] | None, limit: int) -> list[Row]:
    """The highest first: equals share a rank and stand by staff number, and the next rank counts them all."""
    parameters = {**_asked(board), "limit": limit}
    if after:
        parameters["after_rank"], parameters["after_staff_no"] = after
    return list(fetch_all(_leaders(*_shape(board), further=after is not None), parameters))


def list_around(guide_id: UUID, board: Board, *, neighbours: int) -> list[Row]:
    """A guide's row with up to `neighbours` above and below it; nothing for who is not on the board."""
    return list(fetch_all(_around(*_shape(board)), {**_asked(board), "guide_id": guide_id, "neighbours": neighbours}))


def stores_in_sight(store_ids: Collection[UUID], *, principal: Principal) -> set[UUID]:
    """Those of the stores that the principal sees."""
    return set(db.session.scalars(select(Store.id).where(Store.id.in_(store_ids), sees_store(Store.id, principal))))


def rank_of(guide_id: UUID, board: Board) -> Row | None:
    """One guide's rank and value on the board; None for who is not on it."""
    return fetch_one(_rank(*_shape(board)), {**_asked(board), "guide_id": guide_id})


# A board's statement depends on its shape: the metric, the kind of stores, and whether one currency counts.
Shape = tuple[str, str, bool]


def _shape(board: Board) -> Shape:
    stores = "store" if board.stores.store_id else "region" if board.stores.region_id else "company"
    return board.metric, stores, board.currency is not None


def _asked(board: Board) -> Row:
    return {
        "from_day": board.from_day,
        "to_day": board.to_day,
        "currency": board.currency,
        "store_id": board.stores.store_id,
        "region_id": board.stores.region_id,
    }


PERSON = (Staff.staff_no, Staff.name, Staff.store_id)
STORE_ID = bindparam("store_id", type_=Uuid)
REGION_ID = bindparam("region_id", type_=Uuid)
OF_STORES = {
    "store": (GuideDay.store_id == STORE_ID,),
    "region": (
        GuideDay.store_id.in_(select(Store.id).join(Region).where(Region.ancestor_ids.contains(array([REGION_ID])))),
    ),
    "company": (),
}


@cache
def _leaders(metric: str, stores: str, in_currency: bool, *, further: bool) -> Select[Any]:
    ranked = _ranked(metric, stores, in_currency).subquery("ranked")
    statement = (
        select(ranked, *PERSON)
        .join(Staff, Staff.id == ranked.c.guide_id)
        .order_by(ranked.c.rank, Staff.staff_no)
        .limit(bindparam("limit", type_=Integer))
    )
    last = tuple_(bindparam("after_rank", type_=Integer), bindparam("after_staff_no", type_=String))
    return statement.where(tuple_(ranked.c.rank, Staff.staff_no) > last) if further else statement


@cache
def _rank(metric: str, stores: str, in_currency: bool) -> Select[Any]:
    ranked = _ranked(metric, stores, in_currency).subquery("ranked")
    return select(ranked.c.rank, ranked.c.value).where(ranked.c.guide_id == GUIDE_ID)


@cache
def _around(metric: str, stores: str, in_currency: bool) -> Select[Any]:
    ranked = _ranked(metric, stores, in_currency).subquery("ranked")
    # Places before people: of a whole company only a handful of names is looked up.
    place = func.row_number().over(order_by=(ranked.c.rank, ranked.c.guide_id)).label("place")
    placed = select(ranked, place).cte("placed")
    mine = select(placed.c.place).where(placed.c.guide_id == GUIDE_ID).scalar_subquery()
    far = bindparam("neighbours", type_=Integer)
    columns = (placed.c.guide_id, placed.c.value, placed.c.rank)
    return (
        select(*columns, *PERSON)
        .join(Staff, Staff.id == placed.c.guide_id)
        .where(placed.c.place.between(mine - far, mine + far))
        .order_by(placed.c.place)
    )


def _ranked(metric: str, stores: str, in_currency: bool) -> Select[UUID | None, int, int]:
    value = cast(func.sum(getattr(GuideDay, metric)), BigInteger)
    statement = (
        select(GuideDay.guide_id, value.label("value"), func.rank().over(order_by=value.desc()).label("rank"))
        .where(GuideDay.day.between(FROM_DAY, TO_DAY), GuideDay.guide_id.is_not(None), *OF_STORES[stores])
        .group_by(GuideDay.guide_id)
    )
    return statement.where(GuideDay.currency == CURRENCY) if in_currency else statement
