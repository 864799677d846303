"""Which customers stand on a page of a list, the newest first.

Ids are read by guide and by store, so that an index gives each part in order and none is read further than its page:
a list costs the same whether the chain has a thousand customers or millions.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, SelectBase, exists, select, true, union

from customers.queries.sight import sees_customer
from kit.principal import Principal, Reach
from models import Binding, Customer, CustomerTag, Staff, Store
from staff.scope import sees_store


@dataclass(frozen=True, kw_only=True)
class CustomerFilter:
    """What a list of customers is narrowed to; None narrows nothing."""

    mine: bool = False
    guide_id: UUID | None = None
    store_id: UUID | None = None
    tag: str | None = None


@dataclass(frozen=True, kw_only=True)
class _Page:
    """The part of the list that is read: `older` than the last one seen, at most `limit`."""

    wanted: CustomerFilter
    older: UUID | None
    limit: int


def ids_in_sight(principal: Principal, wanted: CustomerFilter, *, older: UUID | None = None, limit: int) -> Select[Any]:
    """The ids of the customers wanted of those that `sees_customer` lets the principal see, the newest first."""
    page = _Page(wanted=wanted, older=older, limit=limit)
    ids: SelectBase
    if wanted.mine or principal.reach is Reach.SELF:
        ids = _bound_to(_guides(wanted).where(Staff.id == principal.id), page)
    elif _is_wide(principal, wanted):
        ids = _newest(_standing().where(sees_customer(principal)), Customer.id, page)
    else:
        stores = select(Store.id).where(sees_store(Store.id, principal))
        guides = _guides(wanted).where(Staff.store_id.in_(stores))
        bound = _bound_to(guides, page)
        ids = bound if wanted.guide_id else union(bound, _of_stores(stores, page))
    found = ids.subquery("found")
    return select(found.c.id).order_by(found.c.id.desc()).limit(limit)


def _is_wide(principal: Principal, wanted: CustomerFilter) -> bool:
    """Whether going through everybody, the newest first, soon fills a page: by stores a tag would be asked of all."""
    narrowed = wanted.store_id is not None or wanted.guide_id is not None
    tagged = principal.reach is Reach.REGION and wanted.tag is not None
    return not narrowed and (principal.reach is Reach.ALL or tagged)


def _guides(wanted: CustomerFilter) -> Select[Any]:
    guides = select(Staff.id)
    if wanted.guide_id is not None:
        guides = guides.where(Staff.id == wanted.guide_id)
    return guides if wanted.store_id is None else guides.where(Staff.store_id == wanted.store_id)


def _standing() -> Select[Any]:
    return select(Customer.id).where(Customer.merged_into_id.is_(None), Customer.erased_at.is_(None))


def _of_stores(stores: Select[Any], page: _Page) -> Select[Any]:
    if page.wanted.store_id is not None:
        stores = stores.where(Store.id == page.wanted.store_id)
    store = stores.subquery("seen_store")
    newest = _newest(_standing().where(Customer.store_id == store.c.id), Customer.id, page).lateral("of_store")
    return select(newest.c.id).select_from(store.join(newest, true()))


def _bound_to(guides: Select[Any], page: _Page) -> Select[Any]:
    guide = guides.subquery("seen_guide")
    bound = select(Binding.customer_id.label("id")).where(Binding.guide_id == guide.c.id, Binding.ended_at.is_(None))
    newest = _newest(bound, Binding.customer_id, page).lateral("of_guide")
    return select(newest.c.id).select_from(guide.join(newest, true()))


def _newest(ids: Select[Any], customer_id: Any, page: _Page) -> Select[Any]:
    if page.older is not None:
        ids = ids.where(customer_id < page.older)
    if page.wanted.tag is not None:
        tagged = exists().where(CustomerTag.customer_id == customer_id, CustomerTag.removed_at.is_(None))
        ids = ids.where(tagged.where(CustomerTag.tag == page.wanted.tag))
    return ids.order_by(customer_id.desc()).limit(page.limit)
