"""Corrections of placements that touch days of approved periods are listed, however they came."""

from datetime import date, timedelta
from typing import Any

import pytest

from kit import clock
from kit.db import db, unit_of_work
from kit.ids import new_id
from models import PayGroupStore, PayPeriod, Placement, PlacementCorrection, Staff, Store
from tests import make
from tests.client import Client

HIRED = date(2024, 1, 1)
FIRST, LAST = date(2025, 10, 1), date(2025, 10, 31)
TODAY = clock.business_day(clock.now(), "Asia/Shanghai")


def period(state: str = "approved", *, group: str = "chain", first: date = FIRST, last: date = LAST) -> None:
    people = [make.staff(roles=["hq_finance"]).id for _ in range(2)]
    approved = {"approved_by": people[0], "approved_at": clock.now() - timedelta(days=1), "closed_by": people[1]}
    columns = {"group_code": group, "first_day": first, "last_day": last, "state": state}
    make.save(PayPeriod(**columns, **(approved if state != "open" else {})))


@pytest.fixture
def stores(app: object) -> list[Store]:
    return [make.store() for _ in range(2)]


@pytest.fixture
def person(stores: list[Store]) -> Staff:
    return make.guide(store_id=stores[0].id, hired_on=HIRED)


@pytest.fixture
def as_admin(client: Client) -> Client:
    return client.sign_in(make.staff(roles=["hq_admin"]))


def move(client: Client, person: Staff, store: Store, first: date) -> str:
    body = {"id": str(new_id()), "store_code": store.code, "role": "guide", "first_day": f"{first}", "reason": "漏报"}
    assert client.post(f"/v1/staff/{person.id}/placements", json=body).status_code == 201
    return body["id"]


def told(client: Client, query: str = "") -> list[tuple[Any, ...]]:
    rows = client.get(f"/v1/placement-corrections?limit=50{query}").json["items"]
    return [
        (row["store_code"], row["first_day"], row["last_day"], row["before"] is None, row["after"] is None)
        for row in rows
    ]


def test_a_move_that_was_missed_is_listed_for_both_stores(as_admin: Client, person: Staff, stores: list[Store]) -> None:
    period()
    period("open", first=LAST + timedelta(days=1), last=LAST + timedelta(days=30))
    placement_id = move(as_admin, person, stores[1], date(2025, 10, 11))
    here, there = (store.code for store in stores)
    assert told(as_admin) == [
        (there, "2025-10-11", "2025-10-31", True, False),
        (here, "2025-10-11", "2025-10-31", False, True),
    ]
    assert told(as_admin, "&to=2025-10-10") == told(as_admin, f"&from={TODAY}") == []
    row = as_admin.get("/v1/placement-corrections?limit=1").json["items"][0]
    assert (row["placement_id"], row["reason"], row["staff_no"]) == (placement_id, "漏报", person.staff_no)
    assert row["after"]["fte_bp"] == 10_000
    assert row["corrected_by_no"].startswith("T")


def test_other_terms_say_what_was_and_what_is(as_admin: Client, person: Staff, stores: list[Store]) -> None:
    period()
    home = db.session.query(Placement).filter_by(staff_id=person.id).one()
    at = {"If-Match": as_admin.get(f"/v1/placements/{home.id}").headers["ETag"]}
    changes = {"fte_bp": 5_000, "first_day": "2025-10-15", "reason": "兼职"}
    assert as_admin.patch(f"/v1/placements/{home.id}", json=changes, headers=at).status_code == 200
    rows = as_admin.get("/v1/placement-corrections").json["items"]
    terms = [(row["first_day"], row["last_day"], row["before"], row["after"]) for row in rows]
    before = {"store_id": str(stores[0].id), "kind": "home", "role": "guide", "grade": None, "fte_bp": 10_000}
    before["employment"] = "full_time"
    assert sorted(terms, key=str) == [
        ("2025-10-01", "2025-10-14", before, None),
        ("2025-10-15", "2025-10-31", before, {**before, "fte_bp": 5_000}),
    ]


def test_who_is_new_and_what_is_to_come_is_no_correction(as_admin: Client, person: Staff, stores: list[Store]) -> None:
    period()
    move(as_admin, person, stores[1], TODAY + timedelta(days=3))
    make.guide(store_id=stores[0].id, hired_on=HIRED)
    assert db.session.query(PlacementCorrection).count() == 0
    # Another day of leaving that is over is one: the database itself ends the placements.
    with unit_of_work():
        db.session.get_one(Staff, person.id).left_on = date(2025, 10, 20)
    assert told(as_admin) == [(stores[0].code, "2025-10-21", "2025-10-31", False, True)]


def test_a_store_is_paid_with_its_group(as_admin: Client, person: Staff, stores: list[Store]) -> None:
    make.save(PayGroupStore(store_id=stores[0].id, group_code="sh"))
    period("paid", group="sh")
    period("open")
    move(as_admin, person, stores[1], date(2025, 10, 11))
    assert [row[0] for row in told(as_admin)] == [stores[0].code]
