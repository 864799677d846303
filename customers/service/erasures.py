"""Forgetting people: everything that says who they are goes, what was sold and earned stays without them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, null, select, update

from customers import queries
from kit import audit
from kit.db import db
from models import Binding, BindingTransfer, Consent, Customer, CustomerIdentity, CustomerTag, QuietHours

REASONS = ("asked_by_customer", "entered_by_mistake", "other")
ERASED = "erased"


def erase_customer(*, customer_id: UUID, reason: str, now: datetime) -> datetime:
    """Forget a person and everyone merged into them; answers when that was done first. Raises CustomerNotFound.

    Gone are identities, profile, tags, member numbers, quiet hours and the evidence of consents, of which a keyed hash
    stays. The binding ends. Orders, commission and contacts keep an id that says nothing any more.
    """
    person_id = queries.lock_people([customer_id]).get(customer_id)
    customer = queries.find_customer(person_id) if person_id else None
    if customer is None:
        raise queries.CustomerNotFound
    if customer.erased_at is not None:
        return customer.erased_at
    erase_people([customer.id], reason=reason, now=now)
    return now


def erase_people(person_ids: Sequence[UUID], *, reason: str, now: datetime) -> None:
    """Forget these people and everyone merged into them, set-wise; who was erased already stays so."""
    queries.lock_people(person_ids)
    whole = Customer.person_id.in_(person_ids)
    ids = db.session.scalars(select(Customer.id).where(whole)).all()
    for known in (CustomerIdentity, CustomerTag, QuietHours):
        db.session.execute(delete(known).where(known.customer_id.in_(ids)))
    db.session.execute(update(Consent).where(Consent.customer_id.in_(ids)).values(sealed_evidence=null()))
    _end_bindings(ids, now=now)
    empty = {"sealed_profile": null(), "profile_fields": [], "member_no": null(), "erased_at": now, "updated_at": now}
    db.session.execute(update(Customer).where(Customer.id.in_(ids)).values(empty))
    db.session.expire_all()
    for person_id in person_ids:
        audit.note(table_name="customer", row_id=str(person_id), action=ERASED, reason=reason)


def _end_bindings(ids: Collection[UUID], *, now: datetime) -> None:
    live = update(Binding).where(Binding.customer_id.in_(ids), Binding.ended_at.is_(None))
    db.session.execute(live.values(ended_at=func.greatest(now, Binding.bound_at), ended_reason=ERASED))
    transfers = update(BindingTransfer).where(BindingTransfer.customer_id.in_(ids))
    # Somebody wrote the reason in their own words.
    db.session.execute(transfers.values(reason=ERASED))
    waiting = (BindingTransfer.refused_at, BindingTransfer.done_at, BindingTransfer.lapsed_at)
    db.session.execute(transfers.where(*(end.is_(None) for end in waiting)).values(lapsed_at=now))
