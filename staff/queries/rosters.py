"""The roster of a store, day by day."""

from datetime import date, timedelta
from itertools import groupby
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select

from kit.db import db
from models import Staff
from staff.queries.presence import presence


class PersonDay(NamedTuple):
    """Somebody who is placed in a store on a day, and whether they are in."""

    day: date
    staff_id: UUID
    is_guide: bool
    is_manager: bool
    is_cover: bool
    kind: str
    is_present: bool
    minutes: int
    roster: str
    staff_no: str
    name: str


def list_roster(store_id: UUID, *, first: date, last: date) -> list[tuple[date, list[PersonDay]]]:
    """Each day from `first` to `last` with those who are placed in the store, by staff number."""
    placed = presence(first, last, stores=[store_id]).subquery("placed")
    columns = [placed.c[name] for name in PersonDay._fields if name in placed.c]
    wanted = select(*columns, Staff.staff_no, Staff.name).join(Staff, Staff.id == placed.c.staff_id)
    rows = db.session.execute(wanted.order_by(placed.c.day, Staff.staff_no))
    held = {day: list(people) for day, people in groupby((PersonDay(*row) for row in rows), lambda row: row.day)}
    days = [first + timedelta(days=step) for step in range((last - first).days + 1)]
    return [(day, held.get(day, [])) for day in days]
