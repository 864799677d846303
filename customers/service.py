"""Who is served, and whose they are."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from customers import queries
from kit.db import db
from models import Binding, Customer


def ensure_customers(member_nos: Collection[str]) -> dict[str, UUID]:
    """The customer id of each member number; unknown numbers become customers, also when two batches race."""
    wanted = sorted(set(member_nos))
    known = queries.find_customer_ids(wanted)
    if unknown := [{"member_no": member_no} for member_no in wanted if member_no not in known]:
        db.session.execute(insert(Customer).values(unknown).on_conflict_do_nothing())
        known = queries.find_customer_ids(wanted)
    return known


def bind_customer(*, customer_id: UUID, guide_id: UUID, store_id: UUID, reason: str, now: datetime) -> Binding:
    """Make the customer the guide's own; a binding to someone else ends, one to the same guide stays as it is."""
    queries.lock_customer(customer_id)
    live = queries.find_live_binding(customer_id)
    if live is not None and live.guide_id == guide_id:
        return live
    if live is not None:
        live.ended_at = now
        db.session.flush()
    binding = Binding(customer_id=customer_id, guide_id=guide_id, store_id=store_id, reason=reason, bound_at=now)
    db.session.add(binding)
    return binding
