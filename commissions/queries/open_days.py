"""From which day on pay of a store can still change."""

from datetime import date
from uuid import UUID

from sqlalchemy import Date, Uuid, bindparam, func, null, select

from kit.db import db

FIRST_OPEN = select(func.first_open_day(bindparam("store_id", type_=Uuid), null(), type_=Date))


def find_first_open_day(store_id: UUID) -> date | None:
    """The day after the store's last closed one; None: none is closed."""
    return db.session.scalar(FIRST_OPEN, {"store_id": store_id})
