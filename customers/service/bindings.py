"""Whose customers are: at most one guide at a time, and none is taken away while it is protected."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import text

from customers import guide_codes, queries
from customers.queries.bindings import find_working_guide
from customers.queries.policies import get_policy
from customers.rules.bindings import CONFIRMED_BY_REASON, confirmation
from customers.rules.policies import BindingPolicy
from customers.service.members import ensure_customers
from kit.codes import fold_code
from kit.db import db
from kit.errors import Conflict, Invalid
from kit.principal import Principal, Reach
from kit.words import say
from models import Binding
from staff import queries as staff
from staff.scope import sells_as_text


class BindingProtected(Conflict):
    """Another guide's customer, and not long enough to be taken over; `until` says when it can be."""

    code = "binding_protected"


class GuideUnavailable(Invalid):
    """Nobody of this id or code serves customers here today, as far as you see."""

    code = "guide_unavailable"


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Who is to be the customer's guide: by id, staff number, the code that the customer scanned, or (none) who asks.

    `reason` and `reference_id` say how else it came about, `confirmed_by` (of machines) who saw the customer.
    """

    guide_id: UUID | None = None
    staff_no: str | None = None
    guide_code: str | None = None
    confirmed_by: str | None = None
    reason: str = "hand"
    reference_id: UUID | None = None


class Receipt(NamedTuple):
    """That a guide served a customer at the till of a store."""

    customer_id: UUID
    guide_id: UUID
    store_id: UUID
    order_id: UUID


# Only who is nobody's becomes somebody's here: a receipt never takes a customer away.
BIND_AT_TILL = text(f"""
INSERT INTO binding (customer_id, guide_id, store_id, reason, reference_id, bound_at, protected_until,
  confirmed_at, confirmed_how)
SELECT DISTINCT ON (p.id) p.id, r.guide_id, r.store_id, 'till', r.order_id, :now, :protected_until, :now, 'till'
FROM unnest(CAST(:customer_ids AS uuid[]), CAST(:guide_ids AS uuid[]), CAST(:store_ids AS uuid[]),
            CAST(:order_ids AS uuid[])) WITH ORDINALITY AS r (customer_id, guide_id, store_id, order_id, place)
JOIN customer c ON c.id = r.customer_id
JOIN customer p ON p.id = c.person_id AND p.erased_at IS NULL
JOIN staff g ON g.id = r.guide_id AND {sells_as_text("g.roles")}
     AND (g.left_on IS NULL OR g.left_on >= CAST(:now AS date))
WHERE NOT EXISTS (SELECT FROM binding b WHERE b.customer_id = p.id AND b.ended_at IS NULL)
ORDER BY p.id, r.place
ON CONFLICT (customer_id) WHERE ended_at IS NULL DO NOTHING""")  # noqa: S608 - built from constants
# A claim of the guide who served is true: the till saw it.
CONFIRM_AT_TILL = text("""
UPDATE binding b SET confirmed_at = greatest(:now, b.bound_at), confirmed_how = 'till'
FROM (
  SELECT b.id FROM unnest(CAST(:customer_ids AS uuid[]), CAST(:guide_ids AS uuid[])) AS r (customer_id, guide_id)
  JOIN customer c ON c.id = r.customer_id
  JOIN binding b ON b.customer_id = c.person_id AND b.guide_id = r.guide_id
  WHERE b.ended_at IS NULL AND b.confirmed_at IS NULL
  ORDER BY b.id FOR NO KEY UPDATE OF b
) claimed
WHERE b.id = claimed.id AND b.confirmed_at IS NULL""")


def bind_customer(
    *,
    customer_id: UUID,
    guide_id: UUID,
    store_id: UUID,
    reason: str,
    now: datetime,
    reference_id: UUID | None = None,
    confirmed: str | None = None,
    by: Principal | None = None,
) -> Binding:
    """Make the customer the guide's own; a binding to the same guide stays as it is, one that is old is taken over.

    `confirmed` says by whom (rules/bindings.py), else the reason does; a claim of the same guide is then confirmed, and
    one of another guide is no protection. Raises BindingProtected, CustomerNotFound.
    """
    how = confirmed or CONFIRMED_BY_REASON.get(reason)
    person_id = queries.lock_person(customer_id, None)
    live = queries.find_live_binding(person_id)
    if live is not None and live.guide_id == guide_id:
        confirm_binding(live, how=how, now=now)
        return live
    if live is not None:
        only_claimed = live.confirmed_at is None and how is not None
        if live.protected_until is not None and now < live.protected_until and not only_claimed:
            raise BindingProtected(until=live.protected_until)
        end_binding(live, reason="takeover", now=now)
    row = {"guide_id": guide_id, "store_id": store_id, "reason": reason, "reference_id": reference_id, "bound_at": now}
    binding = Binding(
        customer_id=person_id, bound_by=by.id if by else None, protected_until=protected_until(now), **row
    )
    db.session.add(binding)
    confirm_binding(binding, how=how, now=now)
    db.session.flush()
    return binding


def confirm_binding(binding: Binding, *, how: str | None, now: datetime) -> None:
    """Let a claim count from now on; the first confirmation stays. The caller has locked the customer."""
    if how is not None and binding.confirmed_at is None:
        binding.confirmed_at, binding.confirmed_how = max(now, binding.bound_at), how
        db.session.flush()


def bind_by_hand(customer_id: UUID, *, wanted: Wanted, by: Principal, now: datetime) -> Binding:
    """Bind a customer because someone says so: guides for themselves, of the stores where they serve and those whom
    they served; others for all whom they see.

    Raises CustomerNotFound, GuideUnavailable, BindingProtected, and Invalid where people say who confirmed it.
    """
    guide = _guide_wanted(wanted, by, now=now)
    _expect_bindable(customer_id, by)
    how = confirmation(
        reason=wanted.reason,
        by_code=wanted.guide_code is not None,
        own_claim=guide.id == by.id,
        by_machine=by.kind == "integrator",
        told=wanted.confirmed_by,
    )
    return bind_customer(
        customer_id=customer_id,
        guide_id=guide.id,
        store_id=guide.store_id,
        reason=_reason(wanted, how),
        reference_id=wanted.reference_id,
        confirmed=how,
        by=by,
        now=now,
    )


def bind_member(member_no: str, *, wanted: Wanted, by: Principal, now: datetime) -> Binding:
    """The same by member number; one that a machine sends first becomes a customer of the guide's store.

    Raises what `bind_by_hand` does.
    """
    if by.kind == "integrator":
        stores = {member_no: _guide_wanted(wanted, by, now=now).store_id}
        customer_id = ensure_customers(stores)[fold_code(member_no)]
    else:
        known = queries.find_customer_ids([member_no])
        if fold_code(member_no) not in known:
            raise queries.CustomerNotFound
        customer_id = known[fold_code(member_no)]
    return bind_by_hand(customer_id, wanted=wanted, by=by, now=now)


def _guide_wanted(wanted: Wanted, by: Principal, *, now: datetime) -> Any:
    if wanted.confirmed_by is not None and by.kind == "staff":
        raise Invalid(errors={"confirmed_by": [say("not_yours_to_say")]})
    if wanted.guide_code:
        guide_id = guide_codes.read(wanted.guide_code)
    elif wanted.staff_no:
        person = staff.find_staff_by_no(wanted.staff_no)
        guide_id = person.id if person else None
    else:
        guide_id = wanted.guide_id or by.id
    guide = find_working_guide(guide_id, by, now=now) if guide_id else None
    if guide is None:
        raise GuideUnavailable
    return guide


def _expect_bindable(customer_id: UUID, by: Principal) -> None:
    if by.reach is not Reach.SELF:
        queries.get_person(customer_id, by)
    elif not queries.find_people([customer_id], by):
        queries.expect_of_stores(customer_id, by.store_ids)


def _reason(wanted: Wanted, how: str | None) -> str:
    """What a machine saw without a code or a link is its confirmation; what nobody saw is by hand."""
    if how is None or wanted.reason != "hand":
        return wanted.reason
    if wanted.guide_code:
        return "guide_code"
    return wanted.reason if how == "manager" else how


def bind_at_till(receipts: Sequence[Receipt], *, now: datetime) -> None:
    """Confirm the claims of who served; where the chain's policy says so, bind customers without a guide to them."""
    if not receipts:
        return
    customers, guides, stores, orders = zip(*receipts, strict=True)
    columns = {"customer_ids": customers, "guide_ids": guides, "store_ids": stores, "order_ids": orders}
    values = {**{name: list(ids) for name, ids in columns.items()}, "now": now}
    if get_policy(BindingPolicy).bind_at_till:
        db.session.execute(BIND_AT_TILL, {**values, "protected_until": protected_until(now)})
    db.session.execute(CONFIRM_AT_TILL, values)


def end_binding(live: Binding, *, reason: str, now: datetime) -> None:
    """Let a binding be over; the caller has locked the customer."""
    live.ended_at, live.ended_reason = now, reason
    db.session.flush()


def protected_until(now: datetime) -> datetime:
    """Until when a binding of `now` cannot be taken over."""
    return now + timedelta(days=get_policy(BindingPolicy).protection_days)
