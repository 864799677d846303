"""The demo chain's recent days, and who acts on them."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import select

from kit import clock
from kit.db import db
from kit.principal import Principal
from models import Staff, Store
from samples.demo.people import SEED
from samples.demo.trade import ZONE
from staff.service import find_principal

# Forwards, readers, tasks and follow-ups of this many days; orders go back further.
RECENT_DAYS = 3


@dataclass(frozen=True, kw_only=True)
class Day:
    """One day of the demo, its chance, and the instant until which it has happened."""

    date: date
    random: Random
    until: datetime

    def at(self, hour: int, minute: int = 0) -> datetime:
        """That time of the day, in the stores' time zone."""
        return datetime.combine(self.date, time(hour, minute), ZONE)


def recent_days(first_day: date, today: date) -> list[Day]:
    """The days up to today of which more than orders is told."""
    start = max(first_day, today - timedelta(days=RECENT_DAYS))
    days = [start + timedelta(days=n) for n in range((today - start).days + 1)]
    return [Day(date=day, random=Random(f"{SEED}/{day}"), until=clock.now()) for day in days]


def guides(store: str, at: datetime) -> list[Principal]:
    """The store's guides by staff number."""
    wanted = Staff.roles.contains(["guide"]) & (Store.code == store)
    ids = select(Staff.id).join(Store, Staff.store_id == Store.id).where(wanted).order_by(Staff.staff_no)
    return [acting(staff_id, at) for staff_id in db.session.scalars(ids).all()]


def principal(staff_no: str) -> Principal:
    """That member of staff, signed in."""
    staff_id = db.session.scalars(select(Staff.id).where(Staff.staff_no == staff_no)).one()
    return acting(staff_id, clock.now())


def acting(staff_id: UUID, at: datetime) -> Principal:
    """The same by id, as they were at that time."""
    found = find_principal(staff_id, now=at)
    assert found, "everyone in the demo chain is employed"
    return found


def demo_id(*parts: object) -> UUID:
    """The same id for the same thing in every demo chain."""
    return uuid5(NAMESPACE_URL, "/".join(("guideapi-demo", *map(str, parts))))
