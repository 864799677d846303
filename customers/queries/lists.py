"""Which customers stand on a page of a list, the newest first.

Ids are read by guide and by store, so that an index gives each part in order and none is read further than its page:
a list costs the same whether the chain has a thousand customers or millions.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import CTE, Select, SelectBase, exists, func, select, true, union

from customers.queries.sight import sees_customer
from kit.db import db
from kit.principal import Principal, Reach
from models import Binding, Customer, CustomerTag, Staff, Store
from staff.scope import LOOKED_THROUGH, sees_store


@dataclass(frozen=True, kw_only=True)
class CustomerFilter:
    """What a list of customers is narrowed to; None narrows nothing."""

    mine: bool = False
    guide_id: UUID | None = None
    store_id: UUID | None = None
    tag: str | None = None


@dataclass(frozen=True, kw_only=True)
class _Part:
    """The part of the list that is read: `older` than the last one seen, at most `limit`."""

    wanted: CustomerFilter
    older: UUID | None
    limit: int


def find_in_sight(
    principal: Principal, wanted: CustomerFilter, *, older: UUID | None = None, limit: int
) -> Sequence[UUID]:
    """The ids of the customers wanted of those that `sees_customer` lets the principal see, the newest first."""
    part = _Part(wanted=wanted, older=older, limit=limit)
    found: Sequence[UUID] = ()
    for way in _ways(principal, part):
        found = db.session.scalars(way).all()
        if len(found) >= limit:
            break
    return found


def _ways(principal: Principal, part: _Part) -> Iterator[Select[Any]]:
    """For a region the newest of all are looked through first; who finds too few by that goes on to the next way."""
    if principal.reach is Reach.REGION and not _is_narrowed(part.wanted):
        yield _first(_looked_through(principal, part), part)
    yield _first(_by_whose_they_are(principal, part), part)


def _looked_through(principal: Principal, part: _Part) -> SelectBase:
    """The principal's of the newest customers and of the newest bound ones, as far back as both were looked through."""
    bound = select(Binding.customer_id.label("id"), Binding.guide_id).where(Binding.ended_at.is_(None))
    newest = _newest(_standing().add_columns(Customer.store_id), Customer.id, part, name="newest")
    newest_bound = _newest(bound, Binding.customer_id, part, name="newest_bound")
    back_to = func.greatest(_last_of(newest), _last_of(newest_bound))
    of_stores = select(newest.c.id).where(sees_store(newest.c.store_id, principal), newest.c.id >= back_to)
    of_guides = (
        select(newest_bound.c.id)
        .join(Staff, Staff.id == newest_bound.c.guide_id)
        .where(sees_store(Staff.store_id, principal), newest_bound.c.id >= back_to)
    )
    return union(of_stores, of_guides)


def _newest(rows: Select[*tuple[Any, ...]], customer_id: Any, part: _Part, *, name: str) -> CTE:
    return _page(rows, customer_id, part).limit(LOOKED_THROUGH).cte(name)


def _last_of(newest: CTE) -> Any:
    return select(newest.c.id).order_by(newest.c.id).limit(1).scalar_subquery()


def _by_whose_they_are(principal: Principal, part: _Part) -> SelectBase:
    ids: SelectBase
    if part.wanted.mine or principal.reach is Reach.SELF:
        ids = _bound_to(_guides(part).where(Staff.id == principal.id), part)
    elif _is_wide(principal, part):
        ids = _page(_standing().where(sees_customer(principal)), Customer.id, part)
    else:
        stores = select(Store.id).where(sees_store(Store.id, principal))
        guides = _guides(part).where(Staff.store_id.in_(stores))
        bound = _bound_to(guides, part)
        ids = bound if part.wanted.guide_id else union(bound, _of_stores(stores, part))
    return ids


def _first(ids: SelectBase, part: _Part) -> Select[Any]:
    found = ids.subquery("found")
    return select(found.c.id).order_by(found.c.id.desc()).limit(part.limit)


def _is_narrowed(wanted: CustomerFilter) -> bool:
    return wanted.mine or not (wanted.store_id is None and wanted.guide_id is None and wanted.tag is None)


def _is_wide(principal: Principal, part: _Part) -> bool:
    """Whether going through everybody, the newest first, soon fills a page: by stores a tag would be asked of all."""
    narrowed = part.wanted.store_id is not None or part.wanted.guide_id is not None
    tagged = principal.reach is Reach.REGION and part.wanted.tag is not None
    return not narrowed and (principal.reach is Reach.ALL or tagged)


def _guides(part: _Part) -> Select[Any]:
    guides = select(Staff.id)
    if part.wanted.guide_id is not None:
        guides = guides.where(Staff.id == part.wanted.guide_id)
    return guides if part.wanted.store_id is None else guides.where(Staff.store_id == part.wanted.store_id)


def _standing() -> Select[Any]:
    return select(Customer.id).where(Customer.merged_into_id.is_(None), Customer.erased_at.is_(None))


def _of_stores(stores: Select[Any], part: _Part) -> Select[Any]:
    if part.wanted.store_id is not None:
        stores = stores.where(Store.id == part.wanted.store_id)
    store = stores.subquery("seen_store")
    newest = _page(_standing().where(Customer.store_id == store.c.id), Customer.id, part).lateral("of_store")
    return select(newest.c.id).select_from(store.join(newest, true()))


def _bound_to(guides: Select[Any], part: _Part) -> Select[Any]:
    guide = guides.subquery("seen_guide")
    bound = select(Binding.customer_id.label("id")).where(Binding.guide_id == guide.c.id, Binding.ended_at.is_(None))
    newest = _page(bound, Binding.customer_id, part).lateral("of_guide")
    return select(newest.c.id).select_from(guide.join(newest, true()))


def _page(ids: Select[*tuple[Any, ...]], customer_id: Any, part: _Part) -> Select[*tuple[Any, ...]]:
    if part.older is not None:
        ids = ids.where(customer_id < part.older)
    if part.wanted.tag is not None:
        tagged = exists().where(CustomerTag.customer_id == customer_id, CustomerTag.removed_at.is_(None))
        ids = ids.where(tagged.where(CustomerTag.tag == part.wanted.tag))
    return ids.order_by(customer_id.desc()).limit(part.limit)
