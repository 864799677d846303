"""Whose customers are."""

from datetime import datetime
from uuid import UUID

from customers import queries
from kit.db import db
from models import Binding


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
