"""People, places and keys."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import update

from kit import clock
from kit.codes import fold_code
from kit.db import db, unit_of_work
from kit.ids import new_id
from models import DeviceSession, Region, RosterDay, Staff, Store
from staff import passwords, service
from staff.rules.placements import store_roles
from staff.service.placements import Told, place_people
from tests.make.rows import next_number, save

PASSWORD = "correct horse battery staple"


def region(*, parent: Region | None = None, **columns: Any) -> Region:
    number = next_number()
    region_id = new_id()
    ancestors = [*(parent.ancestor_ids if parent else []), region_id]
    row = Region(
        id=region_id,
        code=f"R{number}",
        name=f"区域{number}",
        parent_id=parent.id if parent else None,
        ancestor_ids=ancestors,
        **columns,
    )
    return save(row)


def store(*, region_id: UUID | None = None, **columns: Any) -> Store:
    number = next_number()
    defaults = {"code": f"S{number}", "name": f"门店{number}", "opened_on": date(2020, 1, 1)}
    return save(Store(region_id=region_id or region().id, **{**defaults, **columns}))


def staff(*, roles: list[str], **columns: Any) -> Staff:
    number = next_number()
    defaults = {"staff_no": f"T{number:05}", "name": f"员工{number}", "hired_on": date(2020, 1, 1)}
    if "store_id" not in columns and {"guide", "store_manager"} & set(roles):
        columns["store_id"] = store().id
    return save(Staff(roles=roles, password_hash=passwords.hash_password(PASSWORD), **{**defaults, **columns}))


def guide(**columns: Any) -> Staff:
    return staff(roles=["guide"], **columns)


def move(person: Staff, *, to: Store, day: date) -> None:
    """Let somebody work at home in another store from a day on, in the same roles."""
    said = Told(fold_code(person.staff_no), to.id, store_roles(person.roles), day)
    with unit_of_work():
        place_people([said], now=clock.now())


def roster_day(person: Staff, store: Store, day: date, *, kind: str = "work", minutes: int | None = None) -> RosterDay:
    """What a roster says of somebody's day in a store."""
    given = minutes if minutes is not None else 480 if kind in ("work", "training") else 0
    row = RosterDay(day=day, staff_id=person.id, store_id=store.id, kind=kind, minutes=given, source_version=0)
    return save(row)


def verify(session_id: str) -> None:
    """Let a sign-in count as if its second factor had been shown."""
    with unit_of_work():
        shown = update(DeviceSession).where(DeviceSession.id == session_id).values(second_factor_at=clock.now())
        db.session.execute(shown)


def grant(session_id: str, *, act: str, subject_id: UUID | str) -> dict[str, str]:
    """The header that a fresh code for an act would have given."""
    session = db.session.get_one(DeviceSession, UUID(session_id))
    with unit_of_work():
        made = service.add_grant(
            session.staff_id, session_id=session.id, act=act, subject_id=UUID(str(subject_id)), now=clock.now()
        )
        return {"Second-Factor-Grant": str(made.id)}


def api_key(*, scopes: list[str]) -> str:
    """The secret of a new integrator's key."""
    with unit_of_work():
        return service.create_api_key(name="till", scopes=scopes)


def calendars() -> None:
    """China's calendars, as a new database has them: the tests empty all tables."""
    with unit_of_work():
        service.seed_calendars()
