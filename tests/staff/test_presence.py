"""Who is present where, with how many minutes: by the roster, and without one by placements."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Date, bindparam

from kit.db import db, unit_of_work
from kit.ids import new_id
from models import Placement, Staff, Store
from staff.queries import presence
from tests import make

DAY = date(2026, 3, 5)
Row = Mapping[str, Any]


def seen(store: Store, *, first: date = DAY, last: date = DAY) -> dict[tuple[str, date], Row]:
    rows = db.session.execute(presence(first, last, stores=[store.id])).mappings()
    names = {person.id: person.name for person in db.session.query(Staff)}
    return {(names[row["staff_id"]], row["day"]): row for row in rows}


def told(store: Store, day: date = DAY) -> dict[str, tuple[str, int, str]]:
    found = seen(store, first=day, last=day)
    return {name: (row["kind"], row["minutes"], row["roster"]) for (name, _), row in found.items()}


def place(person: Staff, store: Store, *, kind: str = "home", **columns: Any) -> None:
    row = Placement(id=new_id(), staff_id=person.id, store_id=store.id, kind=kind, **{"role": "guide", **columns})
    make.save(row)


def part_time(person: Staff, fte_bp: int) -> None:
    with unit_of_work():
        db.session.query(Placement).filter_by(staff_id=person.id).update({"fte_bp": fte_bp})


def test_without_a_roster_those_who_are_placed_are_present(app: object) -> None:
    store, other = make.store(normal_minutes=500), make.store()
    whole, part = make.guide(store_id=store.id, name="全职"), make.guide(store_id=store.id, name="兼职")
    both = make.staff(roles=["guide", "store_manager"], store_id=store.id, name="店长")
    part_time(part, 3_333)
    make.guide(store_id=store.id, name="明天来", hired_on=DAY + timedelta(days=1))
    make.guide(store_id=store.id, name="昨天走", left_on=DAY - timedelta(days=1))
    make.guide(store_id=other.id, name="别店")
    # 500 × 0.3333 = 166.65; who holds two roles works one day.
    assert told(store) == {
        "全职": ("work", 500, "none"),
        "兼职": ("work", 167, "none"),
        "店长": ("work", 500, "none"),
    }
    rows = seen(store)
    assert all(row["is_present"] for row in rows.values())
    assert (rows["店长", DAY]["is_guide"], rows["店长", DAY]["is_manager"]) == (True, True)
    assert (rows["全职", DAY]["is_guide"], rows["全职", DAY]["is_manager"]) == (True, False)
    assert whole.store_id == both.store_id == store.id


def test_who_covers_elsewhere_is_not_in_at_home(app: object) -> None:
    home, there = make.store(), make.store()
    person = make.guide(store_id=home.id, name="支援")
    place(person, there, kind="cover", first_day=DAY, last_day=DAY)
    assert told(home) == {"支援": ("lent", 0, "none")}
    assert told(there) == {"支援": ("work", 480, "none")}
    assert seen(there)["支援", DAY]["is_cover"] is True
    after = DAY + timedelta(days=1)
    assert (told(home, after), told(there, after)) == ({"支援": ("work", 480, "none")}, {})
    # In the morning here, in the afternoon there.
    make.roster_day(person, home, DAY, minutes=200)
    make.roster_day(person, there, DAY, minutes=280)
    assert told(home) == {"支援": ("work", 200, "full")}
    assert told(there) == {"支援": ("work", 280, "full")}


def test_a_roster_says_who_is_in(app: object) -> None:
    store, other = make.store(), make.store()
    names = ("上班", "请假", "休息", "培训", "没排班")
    people = {name: make.guide(store_id=store.id, name=name) for name in names}
    alone = make.guide(store_id=other.id, name="别店")
    make.roster_day(people["请假"], store, DAY, kind="leave")
    make.roster_day(people["休息"], store, DAY, kind="off")
    # Somebody who is away makes no roster: the others are in as if there were none.
    assert told(store) == {
        "请假": ("leave", 0, "absences"),
        "休息": ("off", 0, "absences"),
        **dict.fromkeys(("上班", "培训", "没排班"), ("work", 480, "absences")),
    }
    make.roster_day(people["上班"], store, DAY, minutes=300)
    make.roster_day(people["培训"], store, DAY, kind="training", minutes=120)
    assert told(store) == {
        "上班": ("work", 300, "full"),
        "请假": ("leave", 0, "full"),
        "休息": ("off", 0, "full"),
        "培训": ("training", 120, "full"),
        "没排班": ("unplanned", 0, "full"),
    }
    assert {name for (name, _), row in seen(store).items() if row["is_present"]} == {"上班"}
    assert told(other) == {"别店": ("work", 480, "none")}
    # Leave is the person's, wherever they are placed; what a roster says of somebody who is not, is nobody's presence.
    place(people["请假"], other, kind="cover", first_day=DAY, last_day=DAY)
    make.roster_day(people["上班"], other, DAY, minutes=100)
    assert told(other)["请假"][0] == "leave"
    assert set(told(other)) == {"别店", "请假"}
    assert alone.store_id == other.id


def test_it_is_a_part_of_other_statements(app: object) -> None:
    store = make.store()
    make.guide(store_id=store.id)
    make.guide(store_id=make.store().id)
    bounds = (bindparam("from_day", type_=Date), bindparam("to_day", type_=Date))
    every = presence(*bounds).subquery()
    named = presence(*bounds, stores=db.select(Store.id).where(Store.id == store.id)).subquery()
    month = {"from_day": date(2026, 3, 1), "to_day": date(2026, 3, 31)}
    minutes = [db.session.scalar(db.select(db.func.sum(part.c.minutes)), month) for part in (every, named)]
    assert minutes == [2 * 31 * 480, 31 * 480]
