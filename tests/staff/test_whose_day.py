"""Which day it is for whom: first and last days, covers and days without a store, by the clock of the store."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from kit import clock
from kit.db import db, unit_of_work
from kit.ids import new_id
from models import Placement, Staff, Store
from staff.queries import employed_now, find_as_caller
from staff.service.sign_in import is_employed
from tests import make
from tests.client import Client

TODAY = clock.business_day(clock.now(), "Asia/Shanghai")
ONE = timedelta(days=1)


def place(person: Staff, store: Store, **columns: Any) -> Placement:
    terms = {"kind": "cover", "role": "guide", "first_day": TODAY, "last_day": TODAY, **columns}
    return make.save(Placement(id=new_id(), staff_id=person.id, store_id=store.id, **terms))


# On both days the clocks change in New York; Auckland is ahead of every other zone here.
@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York", "Pacific/Auckland", "Europe/London"])
def test_the_first_and_last_day_are_the_stores(app: object, zone: str) -> None:
    first, last = date(2026, 3, 8), date(2026, 11, 1)
    person = make.guide(store_id=make.store(time_zone=zone).id, hired_on=first, left_on=last)

    def works(day: date, at: time) -> set[bool]:
        now = datetime.combine(day, at, ZoneInfo(zone))
        by_query = db.session.scalar(db.select(Staff.id).where(Staff.id == person.id, employed_now(now)))
        return {is_employed(person, now), find_as_caller(person.id, now=now) is not None, by_query is not None}

    assert works(first - ONE, time(23, 59)) == {False}
    assert works(first, time(0, 1)) == works(first, time(3, 30)) == {True}
    assert works(last, time(1, 30)) == works(last, time(23, 59)) == {True}
    assert works(last + ONE, time(0, 1)) == {False}


def test_headquarters_begin_by_the_day_of_shanghai(app: object) -> None:
    person = make.staff(roles=["hq_content"], hired_on=date(2026, 3, 8))
    evening = datetime(2026, 3, 7, 15, 59, tzinfo=ZoneInfo("UTC"))
    assert not is_employed(person, evening)
    assert is_employed(person, evening + timedelta(minutes=1))


def test_managers_find_who_covers_today(client: Client) -> None:
    store, home = make.store(), make.store()
    manager = client.sign_in(make.staff(roles=["store_manager"], store_id=store.id))
    region = client.sign_in(make.staff(roles=["regional_manager"], region_id=store.region_id))
    stranger = client.sign_in(make.staff(roles=["store_manager"], store_id=make.store().id))
    covers, yesterday, tomorrow = (make.guide(store_id=home.id) for _ in range(3))
    place(covers, store)
    place(yesterday, store, first_day=TODAY - ONE, last_day=TODAY - ONE)
    place(tomorrow, store, first_day=TODAY + ONE, last_day=TODAY + ONE)

    def found(by: Client, query: str = "") -> set[str]:
        return {one["staff_no"] for one in by.get(f"/v1/staff?role=guide{query}").json["items"]}

    assert found(manager) == found(region) == found(manager, f"&store_id={store.id}") == {covers.staff_no}
    assert found(manager, f"&store_id={store.id}&employed_on={TODAY}") == {covers.staff_no}
    assert found(stranger) == set()
    assert [by.get(f"/v1/staff/{covers.id}").status_code for by in (manager, region, stranger)] == [200, 200, 404]
    assert manager.get(f"/v1/staff/{tomorrow.id}").status_code == 404
    # To see somebody is not to set their targets.
    sheet = f"month,metric,region_code,store_code,staff_no,amount,reason\n{TODAY:%Y-%m},units,,,{covers.staff_no},5,\n"
    told = manager.post("/v1/imports/targets", data=sheet.encode(), content_type="text/csv").json
    assert [one["code"] for one in told["problems"]] == ["unknown_code"]


def test_between_two_homes_somebody_is_still_staff(client: Client) -> None:
    store, next_store = make.store(), make.store()
    person = make.guide(store_id=store.id)
    with unit_of_work():
        db.session.query(Placement).filter_by(staff_id=person.id).update(
            {"last_day": TODAY - ONE, "end_reason": "ended"}
        )
    place(person, next_store, kind="home", first_day=TODAY + ONE, last_day=None)
    signed_in = client.sign_in(person)
    assert signed_in.get("/v1/me").status_code == 200
    assert signed_in.get("/v1/me/devices").status_code == 200
    # They sell nowhere, and see no store.
    assert signed_in.get("/v1/tasks").json["items"] == []
    assert signed_in.get(f"/v1/stores/{store.id}").status_code == 404
    assert signed_in.get("/v1/customers").status_code == 403
    assert signed_in.post("/v1/bindings", json={"customer_id": str(new_id())}).status_code == 403


def test_a_cover_is_in_what_the_person_is_at_home(client: Client) -> None:
    store, home = make.store(), make.store()
    person = make.guide(store_id=home.id)
    with unit_of_work():
        terms = {"fte_bp": 5_000, "employment": "part_time", "grade": "senior"}
        db.session.query(Placement).filter_by(staff_id=person.id).update(terms)
    by = client.sign_in(make.staff(roles=["store_manager"], store_id=store.id))
    made = by.post(f"/v1/stores/{store.id}/covers", json={"staff_no": person.staff_no, "days": [TODAY.isoformat()]})
    cover = db.session.get_one(Placement, made.json["items"][0]["id"])
    assert (cover.role, cover.fte_bp, cover.employment, cover.grade) == ("guide", 5_000, "part_time", "senior")
    assert by.get(f"/v1/stores/{store.id}/roster").json["days"][0]["items"][0]["minutes"] in (240, 480)
