"""When customers are left alone, set for a store or for one customer."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from kit.db import db
from models import QuietHours


def set_quiet_hours(
    *, person_id: UUID | None = None, store_id: UUID | None = None, hours: tuple[str, str] | None, now: datetime
) -> None:
    """From and until (HH:MM; equal is never) for a person or a store; None: as the store's, or the chain's, again."""
    owner = {"customer_id": person_id} if person_id else {"store_id": store_id}
    [(column, id_)] = owner.items()
    if hours is None:
        db.session.execute(delete(QuietHours).where(getattr(QuietHours, column) == id_))
        return
    values = {"starts": hours[0], "ends": hours[1], "updated_at": now}
    row = insert(QuietHours).values(**owner, **values)
    db.session.execute(row.on_conflict_do_update(index_elements=[column], set_=values))
