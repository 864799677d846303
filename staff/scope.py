"""The one place that turns a principal's reach into SQL; every scoped query uses these conditions."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Date,
    Select,
    Uuid,
    and_,
    any_,
    bindparam,
    cast,
    false,
    func,
    literal,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY, array
from sqlalchemy.orm import InstrumentedAttribute

from kit import clock
from kit.db import db
from kit.principal import Principal, Reach
from models import Placement, Region, Staff, Store
from staff.rules import SELLERS

Row = dict[str, Any]
UuidColumn = InstrumentedAttribute[UUID] | InstrumentedAttribute[UUID | None] | ColumnElement[Any]


STORES_OF_REGION = """
SELECT s.id FROM store s JOIN region r ON r.id = s.region_id
WHERE r.ancestor_ids @> ARRAY[CAST(:caller_region_id AS uuid)]"""


def sees_store(store_id: UuidColumn, principal: Principal) -> ColumnElement[bool]:
    """True for rows of the stores the principal sees: a guide their own store and where they cover today."""
    if principal.reach is Reach.ALL:
        return true()
    served = store_id.in_(principal.store_ids) if principal.store_ids else false()
    if principal.reach is Reach.REGION:
        inside = select(Store.id).join(Region).where(Region.ancestor_ids.contains([principal.region_id]))
        return or_(store_id.in_(inside), served)
    return served


def sees_guide(guide_id: UuidColumn, store_id: UuidColumn, principal: Principal) -> ColumnElement[bool]:
    """True for rows about the guides the principal sees: a guide sees only their own."""
    if principal.reach is Reach.SELF:
        return guide_id == principal.id
    return sees_store(store_id, principal)


def guide_in_sight(guide_id: UuidColumn, store_id: UuidColumn, reach: Reach) -> ColumnElement[bool]:
    """`sees_guide` for a statement that is built once for a reach; its values come with `sight_of`."""
    if reach is Reach.ALL:
        return true()
    if reach is Reach.SELF:
        return guide_id == bindparam("caller_id", type_=Uuid)
    served = store_id == any_(bindparam("caller_store_ids", type_=ARRAY(Uuid)))
    if reach is Reach.REGION:
        region_id = array([bindparam("caller_region_id", type_=Uuid)])
        return or_(served, store_id.in_(select(Store.id).join(Region).where(Region.ancestor_ids.contains(region_id))))
    return served


def guide_in_sight_as_text(guide_id: str, store_id: str, reach: Reach) -> str:
    """`guide_in_sight` for a statement written as text, of the columns that have these names in it."""
    served = f"{store_id} = ANY(:caller_store_ids)"
    inside = f"{store_id} IN ({STORES_OF_REGION})"
    return {
        Reach.ALL: "true",
        Reach.SELF: f"{guide_id} = :caller_id",
        Reach.STORE: served,
        Reach.REGION: f"({served} OR {inside})",
    }[reach]


def sells(roles: InstrumentedAttribute[list[str]]) -> ColumnElement[bool]:
    """True for who serves customers in a store: guides, and managers, who sell, too."""
    found: ColumnElement[bool] = roles.overlap(sorted(SELLERS))
    return found


def sells_as_text(roles: str) -> str:
    """`sells` for a statement written as text, of the column that has this name in it."""
    return f"{roles} && ARRAY{sorted(SELLERS)}"


def sight_of(principal: Principal) -> dict[str, Any]:
    """The parameters of `guide_in_sight`."""
    return {
        "caller_id": principal.id,
        "caller_store_ids": list(principal.store_ids),
        "caller_region_id": principal.region_id,
    }


def sees_region(principal: Principal) -> ColumnElement[bool]:
    """True for the regions the principal sees: a regional manager their subtree, a store's people its region."""
    if principal.reach is Reach.ALL:
        return true()
    of_stores = select(Store.region_id).where(Store.id.in_(principal.store_ids))
    if principal.reach is Reach.REGION:
        return or_(Region.ancestor_ids.contains([principal.region_id]), Region.id.in_(of_stores))
    return Region.id.in_(of_stores)


def sees_person(principal: Principal) -> ColumnElement[bool]:
    """True for the people the principal sees: of the stores in sight, who cover there today, a region's managers."""
    if principal.reach is Reach.ALL:
        return true()
    if principal.reach is Reach.SELF:
        return Staff.id == principal.id
    covers = _covers(sees_store(Placement.store_id, principal), now=clock.now())
    seen = or_(Staff.id == principal.id, sees_store(Staff.store_id, principal), covers)
    if principal.reach is Reach.REGION:
        return or_(seen, Staff.region_id.in_(_subtree(principal)))
    return seen


def covers_today(store_ids: Collection[UUID], *, now: datetime) -> ColumnElement[bool]:
    """True for the people who cover in one of the stores today, there."""
    return _covers(Placement.store_id.in_(store_ids), now=now)


def _covers(where: ColumnElement[bool], *, now: datetime) -> ColumnElement[bool]:
    today: ColumnElement[date] = cast(func.timezone(Store.time_zone, now), Date)
    cover = select(Placement.staff_id).join(Store, Store.id == Placement.store_id).where(Placement.kind == "cover")
    runs = and_(Placement.first_day <= today, or_(Placement.last_day.is_(None), Placement.last_day >= today))
    return Staff.id.in_(cover.where(runs, where))


def _subtree(principal: Principal) -> Select[UUID]:
    return select(Region.id).where(Region.ancestor_ids.contains([principal.region_id]))


# How many of the newest rows of a list are looked through for those of a region, before its stores are asked one by
# one: a tenth of a large chain fills its page with a tenth of them.
LOOKED_THROUGH = 5_000


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A table as a list has it: sorted by `keys`, the id last; whose a row is, says its guide and a store.

    By `store_id` it is the row's own, and an index has (store, keys); without one it is where the guide works, and an
    index has (guide, keys). Another has (guide, keys) for guides' own lists, and one the keys alone. Rows without a
    guide are their store's, for its guides, too.
    """

    keys: tuple[InstrumentedAttribute[Any], ...]
    guide_id: InstrumentedAttribute[UUID] | InstrumentedAttribute[UUID | None] | None
    store_id: InstrumentedAttribute[UUID] | InstrumentedAttribute[UUID | None] | None
    newest_first: bool = True

    @property
    def id(self) -> InstrumentedAttribute[Any]:
        """What names a row."""
        return self.keys[-1]

    @property
    def guide(self) -> InstrumentedAttribute[Any]:
        """Whose a row is, of rows that have a guide."""
        assert self.guide_id is not None
        return self.guide_id


@dataclass(frozen=True, kw_only=True)
class Page:
    """Which rows are wanted: that meet `where`, past the keys in `after`; of one store's or guide's only, if named."""

    limit: int
    after: Sequence[Any] | None = None
    where: tuple[ColumnElement[bool], ...] = ()
    store_id: UUID | None = None
    guide_id: UUID | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)  # of `where`


def read_page(
    listed: Listed, page: Page, *, principal: Principal, read: Callable[[ColumnElement[bool]], list[Row]]
) -> list[Row]:
    """What `read` makes of the page's rows in sight, told by a condition on their ids.

    A query starts from what the principal sees, and reads in the order of an index (docs/adr/0024): a guide's rows; of
    each of a few stores a page, merged; everybody's, for who sees all. For a region the newest rows of all are looked
    through first; where too few of them are the region's, each of its stores is asked.
    """
    ids: list[Any] = []
    for way in _ways(listed, page, principal):
        ids = list(db.session.scalars(way, page.parameters))
        if len(ids) >= page.limit:
            break
    # By then they are known, so that whatever else the rows are joined with is looked up for them.
    return read(listed.id == any_(literal(ids, ARRAY(listed.id.type)))) if ids else []


def _ways(listed: Listed, page: Page, principal: Principal) -> Iterator[Select[Any]]:
    narrowed = page.store_id is not None or page.guide_id is not None
    if principal.reach is Reach.SELF and listed.guide_id is not None:
        yield _of_one(listed, page, principal.id)
    elif principal.reach is Reach.ALL and not narrowed:
        yield _ids(listed, page, _sorted(listed, page))
    else:
        if principal.reach is Reach.REGION and not narrowed:
            yield _looked_through(listed, page, principal)
        yield _merged(listed, page, principal)


def _sorted(listed: Listed, page: Page, *where: ColumnElement[bool]) -> Select[Any]:
    """The keys of the page's rows that meet `where`, in order."""
    statement = select(*listed.keys).where(*page.where, *where).limit(page.limit)
    if page.after is not None:
        keys, last = tuple_(*listed.keys), tuple_(*(literal(value) for value in page.after))
        statement = statement.where(keys < last if listed.newest_first else keys > last)
    return statement.order_by(*_order(listed, listed.keys))


def _order(listed: Listed, keys: Iterable[Any]) -> list[Any]:
    return [key.desc() if listed.newest_first else key for key in keys]


def _ids(listed: Listed, page: Page, rows: Select[Any]) -> Select[Any]:
    """The ids of the first of `rows`, which may be in any order."""
    found = rows.subquery("page")
    keys = [found.c[key.key] for key in listed.keys]
    return select(keys[-1]).order_by(*_order(listed, keys)).limit(page.limit)


def _of_one(listed: Listed, page: Page, guide_id: UUID) -> Select[Any]:
    where = [listed.guide == guide_id]
    if page.guide_id is not None:
        where.append(listed.guide == page.guide_id)
    if page.store_id is not None:
        where.append(_store_of(listed) == page.store_id)
    return _ids(listed, page, _sorted(listed, page, *where))


def _store_of(listed: Listed) -> Any:
    if listed.store_id is not None:
        return listed.store_id
    return select(Staff.store_id).where(Staff.id == listed.guide).scalar_subquery()


def _looked_through(listed: Listed, page: Page, principal: Principal) -> Select[Any]:
    whose = listed.guide if listed.store_id is None else listed.store_id
    newest = _sorted(listed, page).add_columns(whose.label("whose")).limit(LOOKED_THROUGH).subquery("newest")
    if listed.store_id is None:
        guides = select(Staff.id).where(Staff.id == newest.c.whose, sees_store(Staff.store_id, principal))
        seen: ColumnElement[bool] = guides.exists()
    else:
        seen = sees_store(newest.c.whose, principal)
    return _ids(listed, page, select(newest).where(seen))


def _merged(listed: Listed, page: Page, principal: Principal) -> Select[Any]:
    if listed.store_id is None:
        whose = select(Staff.id).where(sees_store(Staff.store_id, principal))
        if page.store_id is not None:
            whose = whose.where(Staff.store_id == page.store_id)
        if page.guide_id is not None:
            whose = whose.where(Staff.id == page.guide_id)
        column: UuidColumn = listed.guide
    else:
        whose = select(Store.id).where(sees_store(Store.id, principal))
        if page.store_id is not None:
            whose = whose.where(Store.id == page.store_id)
        column = listed.store_id
    each = whose.subquery("each")
    of_guide = () if page.guide_id is None or listed.store_id is None else (listed.guide == page.guide_id,)
    first = _sorted(listed, page, column == each.c.id, *of_guide).lateral("first")
    return _ids(listed, page, select(first).select_from(each.join(first, true())))
