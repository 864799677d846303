"""What becomes of sealed notes: forgotten with the person they are about, sealed anew when the key changes."""

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.orm import aliased

from clienteling import queries
from kit import sealing
from kit.db import db
from models import Customer, FollowUp

RESEALED_AT_ONCE = 20_000


def forget_notes() -> int:
    """Take away the notes about customers who were erased, and answer how many."""
    person = aliased(Customer)
    erased = (
        select(Customer.id)
        .join(person, person.id == func.coalesce(Customer.merged_into_id, Customer.id))
        .where(person.erased_at.is_not(None))
    )
    about_them = FollowUp.customer_id.in_(erased), FollowUp.sealed_note.is_not(None)
    forgotten = update(FollowUp).where(*about_them).values(sealed_note=None).returning(FollowUp.id)
    return len(db.session.scalars(forgotten).all())


def reseal_notes() -> int:
    """Seal with the newest key up to 20,000 notes that an older key sealed, and answer how many there were."""
    prefix = sealing.newest_prefix()
    older = func.substring(FollowUp.sealed_note, 1, len(prefix)) != prefix
    due = select(FollowUp.id, FollowUp.sealed_note).where(FollowUp.sealed_note.is_not(None), older)
    rows = db.session.execute(due.limit(RESEALED_AT_ONCE).with_for_update(skip_locked=True)).all()
    fresh = [
        {
            "note_id": id_,
            "sealed": sealing.seal(
                queries.open_note(sealed, id_).encode(), purpose=queries.NOTE_PURPOSE, place=str(id_)
            ),
        }
        for id_, sealed in rows
        if sealed is not None
    ]
    if fresh:
        note = FollowUp.__table__.c
        statement = update(FollowUp.__table__).where(note.id == bindparam("note_id"))  # type: ignore[arg-type]
        db.session.execute(statement.values(sealed_note=bindparam("sealed")), fresh)
    return len(fresh)
