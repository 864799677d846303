"""Which customers stand on a page of a list, the newest first.

Ids are read by guide and by store, so that an index gives each part in order and none is read further than its page:
a list costs the same whether the chain has a thousand customers or millions.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import CTE, Select, SelectBase, exists, func, select, true, union

from customers.queries.sight import sees_customer
from kit.principal import Principal, Reach
from models import Binding, Customer, CustomerTag, Staff, Store
from staff.scope import LOOKED_THROUGH, sees_store


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is asked for: `older` than the last one seen, at most `limit`."""

    mine: bool = False
    guide_id: UUID | None = None
    store_id: UUID | None = None
    tag: str | None = None
    older: UUID | None = None
    limit: int


def ways_to_ids(principal: Principal, wanted: Wanted) -> Iterator[Select[Any]]:
    """The ids of the customers wanted of those that `sees_customer` lets the principal see.

    For a region the newest of all are looked through first; who finds too few by that goes on to the next way.
    """
    if principal.reach is Reach.REGION and not _is_narrowed(wanted):
        yield _first(_looked_through(principal, wanted), wanted)
    yield _first(_by_whose_they_are(principal, wanted), wanted)


def _looked_through(principal: Principal, wanted: Wanted) -> SelectBase:
    """The principal's of the newest customers and of the newest bound ones, as far back as both were looked through."""
    bound = select(Binding.customer_id.label("id"), Binding.guide_id).where(Binding.ended_at.is_(None))
    newest = _newest(_standing().add_columns(Customer.store_id), Customer.id, wanted, name="newest")
    newest_bound = _newest(bound, Binding.customer_id, wanted, name="newest_bound")
    back_to = func.greatest(_last_of(newest), _last_of(newest_bound))
    of_stores = select(newest.c.id).where(sees_store(newest.c.store_id, principal), newest.c.id >= back_to)
    of_guides = (
        select(newest_bound.c.id)
        .join(Staff, Staff.id == newest_bound.c.guide_id)
        .where(sees_store(Staff.store_id, principal), newest_bound.c.id >= back_to)
    )
    return union(of_stores, of_guides)


def _newest(rows: Select[*tuple[Any, ...]], customer_id: Any, wanted: Wanted, *, name: str) -> CTE:
    return _page(rows, customer_id, wanted).limit(LOOKED_THROUGH).cte(name)


def _last_of(newest: CTE) -> Any:
    return select(newest.c.id).order_by(newest.c.id).limit(1).scalar_subquery()


def _by_whose_they_are(principal: Principal, wanted: Wanted) -> SelectBase:
    ids: SelectBase
    if wanted.mine or principal.reach is Reach.SELF:
        ids = _bound_to(_guides(wanted).where(Staff.id == principal.id), wanted)
    elif _is_wide(principal, wanted):
        ids = _page(_standing().where(sees_customer(principal)), Customer.id, wanted)
    else:
        stores = select(Store.id).where(sees_store(Store.id, principal))
        guides = _guides(wanted).where(Staff.store_id.in_(stores))
        bound = _bound_to(guides, wanted)
        ids = bound if wanted.guide_id else union(bound, _of_stores(stores, wanted))
    return ids


def _first(ids: SelectBase, wanted: Wanted) -> Select[Any]:
    found = ids.subquery("found")
    return select(found.c.id).order_by(found.c.id.desc()).limit(wanted.limit)


def _is_narrowed(wanted: Wanted) -> bool:
    return wanted.mine or not (wanted.store_id is None and wanted.guide_id is None and wanted.tag is None)


def _is_wide(principal: Principal, wanted: Wanted) -> bool:
    """Whether going through everybody, the newest first, soon fills a page: by stores a tag would be asked of all."""
    narrowed = wanted.store_id is not None or wanted.guide_id is not None
    tagged = principal.reach is Reach.REGION and wanted.tag is not None
    return not narrowed and (principal.reach is Reach.ALL or tagged)


def _guides(wanted: Wanted) -> Select[Any]:
    guides = select(Staff.id)
    if wanted.guide_id is not None:
        guides = guides.where(Staff.id == wanted.guide_id)
    return guides if wanted.store_id is None else guides.where(Staff.store_id == wanted.store_id)


def _standing() -> Select[Any]:
    return select(Customer.id).where(Customer.merged_into_id.is_(None), Customer.erased_at.is_(None))


def _of_stores(stores: Select[Any], wanted: Wanted) -> Select[Any]:
    if wanted.store_id is not None:
        stores = stores.where(Store.id == wanted.store_id)
    store = stores.subquery("seen_store")
    newest = _page(_standing().where(Customer.store_id == store.c.id), Customer.id, wanted).lateral("of_store")
    return select(newest.c.id).select_from(store.join(newest, true()))


def _bound_to(guides: Select[Any], wanted: Wanted) -> Select[Any]:
    guide = guides.subquery("seen_guide")
    bound = select(Binding.customer_id.label("id")).where(Binding.guide_id == guide.c.id, Binding.ended_at.is_(None))
    newest = _page(bound, Binding.customer_id, wanted).lateral("of_guide")
    return select(newest.c.id).select_from(guide.join(newest, true()))


def _page(ids: Select[*tuple[Any, ...]], customer_id: Any, wanted: Wanted) -> Select[*tuple[Any, ...]]:
    if wanted.older is not None:
        ids = ids.where(customer_id < wanted.older)
    if wanted.tag is not None:
        tagged = exists().where(CustomerTag.customer_id == customer_id, CustomerTag.removed_at.is_(None))
        ids = ids.where(tagged.where(CustomerTag.tag == wanted.tag))
    return ids.order_by(customer_id.desc()).limit(wanted.limit)
