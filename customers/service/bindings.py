"""Whose customers are: at most one guide at a time, and none is taken away while it is protected."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text

from customers import guide_codes, queries
from customers.queries.bindings import find_working_guide
from customers.queries.policies import get_policy
from customers.rules.policies import BindingPolicy
from kit.db import db
from kit.errors import Conflict, Invalid
from kit.principal import Principal, Reach
from models import Binding


class BindingProtected(Conflict):
    """Another guide's customer, and not long enough to be taken over; `until` says when it can be."""

    code = "binding_protected"
    title = "This customer is another guide's"


class GuideUnavailable(Invalid):
    """Nobody of this id or code serves customers here today, as far as you see."""

    code = "guide_unavailable"
    title = "No such guide"


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Who is to be the customer's guide: by id, by the code that the customer scanned, or (neither) whoever asks.

    `reason` and `reference_id` say how else it came about.
    """

    guide_id: UUID | None = None
    guide_code: str | None = None
    reason: str = "hand"
    reference_id: UUID | None = None


class Receipt(NamedTuple):
    """That a guide served a customer at the till of a store."""

    customer_id: UUID
    guide_id: UUID
    store_id: UUID
    order_id: UUID


# Only who is nobody's becomes somebody's here: a receipt never takes a customer away.
BIND_AT_TILL = text("""
INSERT INTO binding (customer_id, guide_id, store_id, reason, reference_id, bound_at, protected_until)
SELECT DISTINCT ON (p.id) p.id, r.guide_id, r.store_id, 'till', r.order_id, :now, :protected_until
FROM unnest(CAST(:customer_ids AS uuid[]), CAST(:guide_ids AS uuid[]), CAST(:store_ids AS uuid[]),
            CAST(:order_ids AS uuid[])) WITH ORDINALITY AS r (customer_id, guide_id, store_id, order_id, place)
JOIN customer c ON c.id = r.customer_id
JOIN customer p ON p.id = coalesce(c.merged_into_id, c.id) AND p.erased_at IS NULL
JOIN staff g ON g.id = r.guide_id AND 'guide' = ANY (g.roles) AND (g.left_on IS NULL OR g.left_on >= CAST(:now AS date))
WHERE NOT EXISTS (SELECT FROM binding b WHERE b.customer_id = p.id AND b.ended_at IS NULL)
ORDER BY p.id, r.place
ON CONFLICT (customer_id) WHERE ended_at IS NULL DO NOTHING""")


def bind_customer(
    *,
    customer_id: UUID,
    guide_id: UUID,
    store_id: UUID,
    reason: str,
    now: datetime,
    reference_id: UUID | None = None,
    by: Principal | None = None,
) -> Binding:
    """Make the customer the guide's own; a binding to the same guide stays as it is, one that is old is taken over.

    Raises BindingProtected, CustomerNotFound.
    """
    person_id = queries.lock_person(customer_id, None)
    live = queries.find_live_binding(person_id)
    if live is not None and live.guide_id == guide_id:
        return live
    if live is not None:
        if live.protected_until is not None and now < live.protected_until:
            raise BindingProtected(until=live.protected_until)
        end_binding(live, reason="takeover", now=now)
    row = {"guide_id": guide_id, "store_id": store_id, "reason": reason, "reference_id": reference_id, "bound_at": now}
    binding = Binding(
        customer_id=person_id, bound_by=by.id if by else None, protected_until=protected_until(now), **row
    )
    db.session.add(binding)
    db.session.flush()
    return binding


def bind_by_hand(customer_id: UUID, *, wanted: Wanted, by: Principal, now: datetime) -> Binding:
    """Bind a customer because someone says so: guides for themselves, of the stores where they serve; others for all
    whom they see.

    Raises CustomerNotFound, GuideUnavailable, BindingProtected.
    """
    guide_id = guide_codes.read(wanted.guide_code) if wanted.guide_code else wanted.guide_id or by.id
    guide = find_working_guide(guide_id, by, day=now.date()) if guide_id else None
    if guide is None:
        raise GuideUnavailable
    if by.reach is Reach.SELF:
        queries.expect_of_stores(customer_id, by.store_ids)
    else:
        queries.get_person(customer_id, by)
    return bind_customer(
        customer_id=customer_id,
        guide_id=guide.id,
        store_id=guide.store_id,
        reason="guide_code" if wanted.guide_code else wanted.reason,
        reference_id=wanted.reference_id,
        by=by,
        now=now,
    )


def bind_at_till(receipts: Sequence[Receipt], *, now: datetime) -> None:
    """Where the chain's policy says so, make customers without a guide the own ones of who served them."""
    if not receipts or not get_policy(BindingPolicy).bind_at_till:
        return
    customers, guides, stores, orders = zip(*receipts, strict=True)
    columns = {"customer_ids": customers, "guide_ids": guides, "store_ids": stores, "order_ids": orders}
    times = {"now": now, "protected_until": protected_until(now)}
    db.session.execute(BIND_AT_TILL, {**{name: list(ids) for name, ids in columns.items()}, **times})


def end_binding(live: Binding, *, reason: str, now: datetime) -> None:
    """Let a binding be over; the caller has locked the customer."""
    live.ended_at, live.ended_reason = now, reason
    db.session.flush()


def protected_until(now: datetime) -> datetime:
    """Until when a binding of `now` cannot be taken over."""
    return now + timedelta(days=get_policy(BindingPolicy).protection_days)
