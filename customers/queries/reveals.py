"""Who was shown whose personal data."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select

from kit.db import db
from models import CustomerReveal


def find_reveal_at(staff_id: UUID, *, nth: int) -> datetime | None:
    """When the member of staff was shown a customer the `nth` last time (from 1); None when there were fewer."""
    theirs = select(CustomerReveal.revealed_at).where(CustomerReveal.staff_id == staff_id)
    return db.session.scalar(theirs.order_by(CustomerReveal.revealed_at.desc()).offset(nth - 1).limit(1))


def is_named_in(reference_id: UUID) -> bool:
    """Whether the customer's name was revealed for this message."""
    return bool(db.session.scalar(select(exists().where(CustomerReveal.reference_id == reference_id))))
