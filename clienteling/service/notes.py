"""What becomes of sealed notes: forgotten with the person they are about, sealed anew when the key changes."""

from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import aliased

from clienteling import queries
from kit.db import db
from kit.resealing import reseal_page
from models import Customer, FollowUp


def forget_notes() -> int:
    """Take away the notes about customers who were erased, and answer how many."""
    person = aliased(Customer)
    erased = select(Customer.id).join(person, person.id == Customer.person_id).where(person.erased_at.is_not(None))
    about_them = FollowUp.customer_id.in_(erased), FollowUp.sealed_note.is_not(None)
    forgotten = update(FollowUp).where(*about_them).values(sealed_note=None).returning(FollowUp.id)
    return len(db.session.scalars(forgotten).all())


def reseal_notes(*, after: UUID | None = None) -> UUID | None:
    """Seal a page of notes with the newest key and answer where to go on, None at the end."""
    return reseal_page(FollowUp.sealed_note, key=FollowUp.id, purpose=queries.NOTE_PURPOSE, after=after)
