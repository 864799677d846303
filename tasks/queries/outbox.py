"""What stands of a forward, to tell whether an item of an outbox changed it."""

from uuid import UUID

from sqlalchemy import func, select

from kit.db import db
from models import Contact, ForwardConfirmation


def count_confirmed(forward_id: UUID) -> int:
    """How many steps of a forward the app confirmed."""
    mine = (ForwardConfirmation.forward_id == forward_id, ForwardConfirmation.kind == "client")
    return db.session.scalar(select(func.count()).select_from(ForwardConfirmation).where(*mine)) or 0


def count_held(forward_id: UUID) -> int:
    """How many customers' places are taken for a forward that was not sent to them."""
    held = (Contact.reference_id == forward_id, Contact.released_at.is_(None), Contact.sent_at.is_(None))
    return db.session.scalar(select(func.count()).select_from(Contact).where(*held)) or 0
