"""Where people work, from when to when: moves, covers, and who sees what on which day."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from kit import clock
from kit.db import db, unit_of_work
from kit.ids import new_id
from models import Placement, Staff, Store
from staff import service
from staff.queries import find_as_caller, list_staff, placed_on, presence, store_of
from staff.rules import StaffRow
from staff.rules.placements import Stint, moved, runs_of
from tests import make
from tests.client import Client

PLACES = [UUID(int=n) for n in range(1, 4)]
HIRED = date(2025, 1, 1)
TODAY = clock.business_day(clock.now(), "Asia/Shanghai")
days = st.dates(HIRED, date(2025, 3, 1))
roles = st.sets(st.sampled_from(("guide", "store_manager", "support")), min_size=1, max_size=2)


@given(st.data(), st.dictionaries(days, st.tuples(st.sampled_from(PLACES), roles), min_size=1, max_size=6))
def test_moves_in_any_order_give_one_history_without_overlaps(
    data: st.DataObject, said: dict[date, tuple[UUID, set[str]]]
) -> None:
    def told(order: Sequence[date]) -> list[Stint]:
        history: list[Stint] = []
        for day in order:
            place, held = said[day]
            history = moved(history, store_id=place, roles=held, day=day, left_on=date(2025, 4, 1))
        return history

    history = told(sorted(said))
    assert told(data.draw(st.permutations(sorted(said)))) == history
    for day in (HIRED + timedelta(days=n) for n in range(100)):
        of_day = [stint for stint in history if stint.holds(day)]
        begun = [start for start in said if start <= day]
        place, held = said[max(begun)] if begun and day <= date(2025, 4, 1) else (None, set[str]())
        assert {(stint.store_id, stint.role) for stint in of_day} == {(place, role) for role in held}
        assert len(of_day) == len(held)


def test_runs_of_days() -> None:
    some = [date(2026, 1, 31), date(2026, 2, 1), date(2026, 2, 3), date(2026, 2, 1)]
    assert list(runs_of(some)) == [(some[0], some[1]), (some[2], some[2])]
    assert list(runs_of([])) == []


@pytest.fixture
def stores(app: object) -> list[Store]:
    region_id = make.region().id
    return [make.store(code=code, region_id=region_id) for code in ("A", "B", "C")]


def told(code: str, *, day: date | None = None, **columns: Any) -> str:
    """What becomes of a line of a file that says where G1 works."""
    fields = {"roles": ("guide",), "hired_on": HIRED, **columns}
    row = StaffRow(staff_no="G1", name="王芳", store_code=code, placed_from=day, **fields)
    with unit_of_work():
        [outcome] = service.import_staff([row])
    return str(outcome.problem.said.code) if outcome.problem else outcome.outcome


def history() -> list[tuple[str, str, date, date | None]]:
    wanted = select(Store.code, Placement.role, Placement.first_day, Placement.last_day).join(Store)
    return [tuple(row) for row in db.session.execute(wanted.order_by(Placement.first_day, Placement.role))]


def person() -> Staff:
    return db.session.scalars(select(Staff).execution_options(populate_existing=True)).one()


def test_files_with_dates_make_one_history_in_any_order(stores: list[Store]) -> None:
    march, june = date(2025, 3, 1), date(2025, 6, 1)
    seen = []
    for order in ((HIRED, march, june), (june, HIRED, march), (march, june, HIRED), (june, march, HIRED)):
        lines = dict(zip((HIRED, march, june), "ABC", strict=True))
        outcomes = [told(lines[day], day=day) for day in order]
        assert outcomes == ["created", "updated", "updated"]
        assert told(lines[march], day=march) == "unchanged"
        seen.append(history())
        with unit_of_work():
            db.session.execute(text("SET LOCAL session_replication_role = replica"))
            for table in ("placement", "placement_correction", "staff"):
                db.session.execute(text(f"DELETE FROM {table}"))
    assert all(one == seen[0] for one in seen)
    assert seen[0] == [
        ("A", "guide", HIRED, date(2025, 2, 28)),
        ("B", "guide", march, date(2025, 5, 31)),
        ("C", "guide", june, None),
    ]


def test_a_file_without_dates_moves_people_today(stores: list[Store]) -> None:
    told("A")
    assert told("A") == "unchanged"
    assert told("B", roles=("guide", "store_manager")) == "updated"
    yesterday = TODAY - timedelta(days=1)
    assert history() == [
        ("A", "guide", HIRED, yesterday),
        ("B", "guide", TODAY, None),
        ("B", "store_manager", TODAY, None),
    ]
    assert (person().store_id, set(person().roles)) == (stores[1].id, {"guide", "store_manager"})
    assert told("B", roles=("guide", "store_manager"), left_on=TODAY) == "updated"
    assert [last for *_, last in history()] == [yesterday, TODAY, TODAY]
    assert told("B", roles=("guide", "store_manager")) == "updated"
    assert [last for *_, last in history()] == [yesterday, None, None]
    assert told("B", day=date(2024, 12, 31)) == "not_employed"


def test_what_is_to_come_arrives_at_the_midnight_of_its_store(stores: list[Store]) -> None:
    with unit_of_work():
        db.session.get_one(Store, stores[1].id).time_zone = "Pacific/Auckland"
    day = TODAY + timedelta(days=3)
    told("A")
    told("B", day=day, roles=("store_manager",))
    assert (person().store_id, person().roles) == (stores[0].id, ["guide"])
    midnight = datetime.combine(day, time(), ZoneInfo("Pacific/Auckland")).astimezone(UTC)
    # In Shanghai the day before is not over yet.
    for at, seen in (
        (midnight - timedelta(seconds=1), (stores[0].id, ["guide"])),
        (midnight, (stores[1].id, ["store_manager"])),
    ):
        caller = find_as_caller(person().id, now=at)
        assert caller
        assert (caller["store_id"], caller["roles"]) == seen
    with unit_of_work():
        assert service.move_homes(now=midnight) == 1
        assert service.move_homes(now=midnight) == 0
    assert (person().store_id, person().roles) == (stores[1].id, ["store_manager"])


def test_the_store_of_a_day_is_that_of_the_day(stores: list[Store]) -> None:
    told("A")
    told("B", day=date(2025, 3, 1))
    staff_id = person().id
    admin = make.principal_of(make.staff(roles=["hq_admin"]))
    with unit_of_work():
        service.add_cover(store_id=stores[2].id, staff_no="G1", days=[date(2025, 2, 1)], principal=admin)
    on = [date(2024, 12, 31), date(2025, 2, 28), date(2025, 3, 1)]
    assert [db.session.scalar(select(store_of(staff_id, day))) for day in on] == [None, stores[0].id, stores[1].id]
    asked = [(stores[2].id, date(2025, 2, 1)), (stores[2].id, date(2025, 2, 2)), (stores[0].id, date(2025, 2, 1))]
    assert [db.session.scalar(select(placed_on(staff_id, *one))) for one in asked] == [True, False, True]
    assert not db.session.scalar(select(placed_on(staff_id, *asked[2], roles=["store_manager"])))


def test_who_moved_loses_sight_at_once(client: Client, stores: list[Store]) -> None:
    manager = make.staff(roles=["store_manager"], store_id=stores[0].id, staff_no="G1", hired_on=HIRED)
    signed_in = client.sign_in(manager)
    paths = [f"/v1/stores/{store.id}" for store in stores[:2]]
    assert [signed_in.get(path).status_code for path in paths] == [200, 404]
    told("B", roles=("store_manager",))
    assert [signed_in.get(path).status_code for path in paths] == [404, 200]
    with unit_of_work():
        over = text("UPDATE placement SET first_day = :last, last_day = :last WHERE last_day IS NULL")
        db.session.execute(text("DELETE FROM placement WHERE last_day IS NOT NULL"))
        db.session.execute(over, {"last": TODAY - timedelta(days=1)})
    assert [signed_in.get(path).status_code for path in paths] == [404, 404]


def test_who_covers_is_there_what_they_are_at_home(client: Client, stores: list[Store]) -> None:
    guide = make.guide(store_id=stores[0].id)
    managed = make.save(
        Placement(staff_id=guide.id, store_id=stores[1].id, kind="cover", role="store_manager", first_day=TODAY)
    )
    assert client.sign_in(guide).get("/v1/staff").status_code == 403, managed
    assert client.sign_in(guide).get(f"/v1/stores/{stores[1].id}").status_code == 200


@pytest.mark.parametrize(
    "second",
    [
        {"store": 1, "role": "guide"},
        {"store": 1, "role": "store_manager"},
        {"store": 0, "role": "guide"},
        {"store": 0, "role": "guide", "kind": "cover"},
    ],
)
def test_the_database_refuses_two_homes_on_a_day(stores: list[Store], second: dict[str, Any]) -> None:
    guide = make.guide(store_id=stores[0].id)
    store = stores[second.pop("store")]
    with pytest.raises(IntegrityError, match="ex_placement"):
        make.save(Placement(id=new_id(), staff_id=guide.id, store_id=store.id, first_day=TODAY, **second))
    db.session.rollback()
    make.save(Placement(staff_id=guide.id, store_id=stores[0].id, role="store_manager", first_day=TODAY))
    assert set(person().roles) == {"guide", "store_manager"}


def guides_in(store: Store, day: date) -> set[UUID]:
    found = presence(day, day, stores=[store.id]).subquery()
    return set(db.session.scalars(select(found.c.staff_id).where(found.c.is_guide, found.c.is_present)))


def test_who_covers_is_one_of_the_stores_guides_and_who_is_lent_is_not(app: object, stores: list[Store]) -> None:
    here, there = (make.guide(store_id=store.id, hired_on=HIRED) for store in stores[:2])
    admin = make.principal_of(make.staff(roles=["hq_admin"]))
    with unit_of_work():
        service.add_cover(store_id=stores[1].id, staff_no=here.staff_no, days=[TODAY], principal=admin)
    tomorrow = TODAY + timedelta(days=1)
    found = {(store.code, day): guides_in(store, day) for store in stores[:2] for day in (TODAY, tomorrow)}
    assert list(found.values()) == [set(), {here.id}, {here.id, there.id}, {there.id}]
    make.move(there, to=stores[0], day=tomorrow)
    assert guides_in(stores[0], tomorrow) == {here.id, there.id}
    listed = {"principal": admin, "after": None, "limit": 9, "store_id": stores[1].id}
    assert [row["id"] for row in list_staff(**listed, employed_on=TODAY)] == [here.id, there.id]
    assert list_staff(**listed, employed_on=tomorrow) == []


@pytest.fixture
def as_admin(client: Client) -> Client:
    return client.sign_in(make.staff(roles=["hq_admin"]))


def terms(store: Store, first: date, **more: Any) -> dict[str, Any]:
    return {"id": str(new_id()), "store_code": store.code, "role": "guide", "first_day": first.isoformat(), **more}


def test_a_move_to_come_is_made_corrected_and_ended(as_admin: Client, stores: list[Store]) -> None:
    guide = make.guide(store_id=stores[0].id, hired_on=HIRED)
    path, start = f"/v1/staff/{guide.id}/placements", TODAY + timedelta(days=10)
    body = terms(stores[1], start, fte_bp=5000, employment="part_time")
    made = as_admin.post(path, json=body)
    assert (made.status_code, made.json["last_day"], made.json["fte_bp"]) == (201, None, 5000)
    assert as_admin.post(path, json=body).json["id"] == body["id"]
    assert as_admin.post(path, json={**body, "fte_bp": 6000}).json["code"] == "placement_id_taken"
    newest, before = as_admin.get(path).json["items"]
    assert (newest["store_code"], before["store_code"], before["end_reason"]) == (
        stores[1].code,
        stores[0].code,
        "moved",
    )
    assert before["last_day"] == (start - timedelta(days=1)).isoformat()
    one = f"/v1/placements/{body['id']}"
    at = {"If-Match": as_admin.get(one).headers["ETag"]}
    corrected = as_admin.patch(one, json={"grade": "senior"}, headers=at)
    assert (corrected.status_code, corrected.json["grade"]) == (200, "senior")
    assert as_admin.patch(one, json={"grade": "junior"}, headers=at).json["code"] == "stale"
    at = {"If-Match": corrected.headers["ETag"]}
    early = as_admin.patch(one, json={"first_day": TODAY.isoformat()}, headers=at)
    assert (early.status_code, early.json["code"]) == (409, "placements_overlap")
    last = start + timedelta(days=30)
    ended = as_admin.put(f"{one}/end", json={"last_day": last.isoformat(), "end_reason": "left"}, headers=at)
    assert (ended.status_code, ended.json["end_reason"]) == (200, "left")
    assert as_admin.get(f"/v1/staff/{guide.id}").json["left_on"] == last.isoformat()
    late = as_admin.post(path, json=terms(stores[2], last + timedelta(days=1)))
    assert (late.status_code, list(late.json["errors"])) == (422, ["first_day"])


def test_days_that_are_over_change_with_a_reason_that_stays(as_admin: Client, stores: list[Store]) -> None:
    guide = make.guide(store_id=stores[0].id, hired_on=HIRED)
    path = f"/v1/staff/{guide.id}/placements"
    body = terms(stores[1], TODAY - timedelta(days=5))
    assert list(as_admin.post(path, json=body).json["errors"]) == ["reason"]
    assert as_admin.post(path, json={**body, "reason": "漏报调店"}).status_code == 201
    one = f"/v1/placements/{body['id']}"
    at = {"If-Match": as_admin.get(one).headers["ETag"]}
    changes = {"role": "store_manager"}
    assert list(as_admin.patch(one, json=changes, headers=at).json["errors"]) == ["reason"]
    assert as_admin.patch(one, json={**changes, "reason": "职务更正"}, headers=at).status_code == 200
    assert (person_of(guide).store_id, person_of(guide).roles) == (stores[1].id, ["store_manager"])
    logged = text("SELECT before->>'role', after->>'reason' FROM audit_entry WHERE row_id = :id AND action = 'changed'")
    assert db.session.execute(logged, {"id": body["id"]}).all() == [("guide", "职务更正")]


def test_a_manager_holds_a_guides_placement_too(as_admin: Client, stores: list[Store]) -> None:
    manager = make.staff(roles=["store_manager"], store_id=stores[0].id)
    path = f"/v1/staff/{manager.id}/placements"
    assert as_admin.post(path, json=terms(stores[0], TODAY)).status_code == 201
    assert set(person_of(manager).roles) == {"guide", "store_manager"}
    again = as_admin.post(path, json=terms(stores[0], TODAY + timedelta(days=1)))
    assert again.json["code"] == "placements_overlap"
    assert list(as_admin.post(path, json={**terms(stores[0], TODAY), "store_code": "NOPE"}).json["errors"]) == [
        "store_code"
    ]


def person_of(one: Staff) -> Staff:
    return db.session.scalars(select(Staff).where(Staff.id == one.id).execution_options(populate_existing=True)).one()
