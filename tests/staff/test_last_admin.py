"""The chain is never left without an administrator."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError

from guideapi.app import GuideApp
from kit import clock
from kit.db import db, unit_of_work
from models import Staff
from tests import make
from tests.client import Client
from tests.races import held_at, race

HEADING = "staff_no,name,roles,store_code,region_code,hired_on,left_on"


@pytest.fixture
def admin(client: Client) -> Staff:
    return make.staff(roles=["hq_admin"])


@pytest.fixture
def as_admin(client: Client, admin: Staff) -> Client:
    return client.sign_in(admin)


def change(caller: Client, person: Staff, **changes: Any) -> Any:
    return caller.patch(f"/v1/staff/{person.id}", json=changes, headers={"If-Match": '"1"'})


def standing(person: Staff) -> bool:
    found = db.session.get_one(Staff, person.id, populate_existing=True)
    return "hq_admin" in found.roles and found.left_on is None


AWAY: list[dict[str, Any]] = [
    {"roles": ["auditor"]},
    {"left_on": "2099-12-31"},
    {"left_on": "2026-01-01"},
    {"hired_on": "2099-01-01"},
]


@pytest.mark.parametrize("changes", AWAY)
def test_the_last_one_stays(as_admin: Client, admin: Staff, changes: dict[str, Any]) -> None:
    answer = change(as_admin, admin, **changes)
    assert (answer.status_code, answer.json["code"]) == (409, "last_admin")
    assert standing(admin)
    assert change(as_admin, admin, name="李总", roles=["hq_admin", "auditor"]).status_code == 200


@pytest.mark.parametrize("changes", AWAY)
def test_who_has_left_or_comes_later_does_not_count(as_admin: Client, admin: Staff, changes: dict[str, Any]) -> None:
    make.staff(roles=["hq_admin"], left_on=clock.now().date() + timedelta(days=30))
    make.staff(roles=["hq_admin"], hired_on=date(2099, 1, 1))
    assert change(as_admin, admin, **changes).json["code"] == "last_admin"
    make.staff(roles=["hq_admin"])
    assert change(as_admin, admin, **changes).status_code == 200


def imported(caller: Client, *lines: str) -> Any:
    content = "\n".join((HEADING, *lines)).encode()
    return caller.post("/v1/imports/staff", data=content, headers={"Content-Type": "text/csv"})


def test_a_file_cannot_take_the_last_ones_away_together(as_admin: Client, admin: Staff) -> None:
    other = make.staff(roles=["hq_admin"])
    leaving = [f"{person.staff_no},x,auditor,,,2020-01-01," for person in (admin, other)]
    answer = imported(as_admin, *leaving, "NEW-1,y,auditor,,,2020-01-01,")
    assert answer.status_code == 200, answer.text
    assert [problem["code"] for problem in answer.json["problems"]] == ["last_admin", "last_admin"]
    assert answer.json["created"] == 1
    assert standing(admin)
    assert standing(other)
    assert imported(as_admin, *leaving, "NEW-2,y,hq_admin,,,2020-01-01,").json["problems"] == []
    assert not standing(admin)


def test_an_administrator_in_a_row_that_is_refused_does_not_count(as_admin: Client, admin: Staff) -> None:
    answer = imported(as_admin, f"{admin.staff_no},x,auditor,,,2020-01-01,", "NEW,y,hq_admin,NOWHERE,,2020-01-01,")
    assert [problem["code"] for problem in answer.json["problems"]] == ["last_admin", "unknown_code"]
    assert standing(admin)


def test_two_who_let_each_other_go_at_once(client: Client, as_admin: Client, admin: Staff) -> None:
    other = make.staff(roles=["hq_admin"])
    as_other, codes = client.sign_in(other), list[str]()

    def demote(caller: Client, person: Staff) -> None:
        codes.append(change(caller, person, roles=["auditor"]).json.get("code", "demoted"))

    held_at(
        "SELECT pg_advisory_xact_lock(hashtextextended('administrators', 0))",
        lambda: demote(as_admin, other),
        lambda: demote(as_other, admin),
    )
    assert sorted(codes) == ["demoted", "last_admin"]
    assert [standing(admin), standing(other)].count(True) == 1


GONE = (update(Staff).values(left_on=date(2026, 1, 1)), update(Staff).values(roles=["auditor"]), delete(Staff))


@pytest.mark.parametrize("statement", GONE)
def test_the_database_refuses_it_too(admin: Staff, statement: Any) -> None:
    with pytest.raises(IntegrityError, match="the last administrator stays"), unit_of_work():
        db.session.execute(statement.where(Staff.id == admin.id))


def test_the_database_refuses_the_second_of_two_at_once(app: GuideApp, admin: Staff) -> None:
    other = make.staff(roles=["hq_admin"])

    def demote(person: Staff) -> None:
        db.session.execute(update(Staff).where(Staff.id == person.id).values(roles=["auditor"]))

    with pytest.raises(IntegrityError, match="the last administrator stays"):
        race(app, lambda: demote(admin), lambda: demote(other))
    assert standing(other)


def test_nor_does_a_file_let_them_go_by_another_way_of_writing(as_admin: Client, admin: Staff) -> None:
    row = f"{admin.staff_no.lower()},n,auditor,,,2020-01-01,"
    answer = as_admin.post("/v1/imports/staff", data=f"{HEADING}\n{row}\n".encode(), content_type="text/csv")
    assert answer.json["problems"][0]["code"] == "last_admin"
    assert standing(admin)
