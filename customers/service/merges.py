"""Two customers who turned out to be one person.

The survivor takes over what the other one was known by; what happened keeps the customer it happened to. Only standing
customers merge, both are held while they do, and those who were merged into the loser go over to the survivor with
them: so nobody is ever more than one step from who they became, and there is no way round in a circle.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update

from customers import queries
from customers.sealed import unseal_profile
from customers.service.consents import merge_consents
from customers.service.profiles import store_profile
from customers.service.tags import add_tags, remove_tags
from kit.db import db
from kit.principal import Principal
from models import Binding, BindingTransfer, Customer, CustomerIdentity, CustomerMerge, QuietHours

REASONS = ("same_person", "entered_twice", "imported_twice", "new_number")
Moved = dict[str, Any]


def merge_customers(*, customer_id: UUID, other_id: UUID, reason: str, by: Principal, now: datetime) -> None:
    """Let the other customer become `customer_id`, with everything they are known by; written down what moved.

    Raises CustomerNotFound when one of them was merged or erased meanwhile.
    """
    held = {one: queries.hold_customer(one) for one in sorted((customer_id, other_id))}
    survivor, loser = held[customer_id], held[other_id]
    moved = {
        **_merge_rows(survivor, loser, now=now),
        "identities": _move_identities(survivor.id, loser.id),
        "tags": _move_tags(survivor.id, loser.id, now=now),
        "bindings": _move_binding(survivor.id, loser.id, now=now),
        "quiet_hours": _move_quiet_hours(survivor.id, loser.id),
    }
    merge_consents(survivor_id=survivor.id, merged_id=loser.id, now=now)
    merged_by = by.id if by.kind == "staff" else None
    trail = {"survivor_id": survivor.id, "loser_id": loser.id, "reason": reason, "merged_at": now}
    db.session.add(CustomerMerge(**trail, merged_by=merged_by, moved=moved))
    db.session.flush()


def _merge_rows(survivor: Customer, loser: Customer, *, now: datetime) -> Moved:
    """The survivor's own word wins; what they lack they take over."""
    mine = unseal_profile(survivor.id, survivor.sealed_profile)
    theirs = unseal_profile(loser.id, loser.sealed_profile)
    earlier = update(Customer).where(Customer.person_id == loser.id, Customer.id != loser.id).returning(Customer.id)
    # None of them is loaded; the two who are would be taken for them, for `person_id` is not read with a customer.
    in_database = {"synchronize_session": False}
    brought = db.session.scalars(earlier.values(merged_into_id=survivor.id), execution_options=in_database).all()
    number = loser.member_no if survivor.member_no is None else None
    if number is not None:
        loser.member_no = None
    loser.merged_into_id, loser.updated_at = survivor.id, now
    db.session.flush()
    survivor.member_no = number or survivor.member_no
    survivor.store_id = survivor.store_id or loser.store_id
    store_profile(survivor, {**theirs, **mine}, now=now)
    return {
        "profile_fields": sorted(theirs.keys() - mine.keys()),
        "member_no": number is not None,
        "merged_before": [str(one) for one in brought],
    }


def _move_identities(survivor_id: UUID, loser_id: UUID) -> list[str]:
    """Those that the survivor has already are dropped."""
    known = {(one.kind, bytes(one.blind_index)) for one in queries.list_identities(survivor_id)}
    theirs = queries.list_identities(loser_id)
    twice = [one.id for one in theirs if (one.kind, bytes(one.blind_index)) in known]
    db.session.execute(delete(CustomerIdentity).where(CustomerIdentity.id.in_(twice)))
    rest = update(CustomerIdentity).where(CustomerIdentity.customer_id == loser_id).values(customer_id=survivor_id)
    return [str(one) for one in db.session.scalars(rest.returning(CustomerIdentity.id))]


def _move_tags(survivor_id: UUID, loser_id: UUID, *, now: datetime) -> int:
    """How many tags the survivor got; a word that both had is said once."""
    tags = queries.find_tag_origins(loser_id)
    remove_tags(loser_id, tags.keys(), removed_by=None, now=now)
    return sum(
        add_tags([(survivor_id, tag)], origin=origin, set_by=set_by, now=now)
        for tag, (origin, set_by) in sorted(tags.items())
    )


def _move_binding(survivor_id: UUID, loser_id: UUID, *, now: datetime) -> Moved:
    """The survivor's guide stays; without one, the loser's goes along. Transfers that wait for the loser lapse."""
    waiting = update(BindingTransfer).where(
        BindingTransfer.customer_id == loser_id,
        BindingTransfer.refused_at.is_(None),
        BindingTransfer.done_at.is_(None),
        BindingTransfer.lapsed_at.is_(None),
    )
    db.session.execute(waiting.values(lapsed_at=now))
    theirs = queries.find_live_binding(loser_id)
    if theirs is None:
        return {}
    theirs.ended_at, theirs.ended_reason = now, "merged"
    db.session.flush()
    if queries.find_live_binding(survivor_id) is not None:
        return {"ended": str(theirs.id)}
    kept = Binding(
        customer_id=survivor_id,
        guide_id=theirs.guide_id,
        store_id=theirs.store_id,
        reason="merged",
        reference_id=theirs.id,
        bound_at=now,
        protected_until=theirs.protected_until,
        confirmed_at=now if theirs.confirmed_at else None,
        confirmed_how=theirs.confirmed_how,
    )
    db.session.add(kept)
    db.session.flush()
    return {"ended": str(theirs.id), "begun": str(kept.id)}


def _move_quiet_hours(survivor_id: UUID, loser_id: UUID) -> bool:
    """Whether the loser's own quiet hours became the survivor's, who had none."""
    if db.session.scalar(select(QuietHours.id).where(QuietHours.customer_id == survivor_id)):
        return False
    theirs = update(QuietHours).where(QuietHours.customer_id == loser_id).values(customer_id=survivor_id)
    return db.session.scalar(theirs.returning(QuietHours.id)) is not None
