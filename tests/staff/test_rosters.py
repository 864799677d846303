"""Rosters: by batches, by files and by hand; who is in, and who may say and see so."""

import io
from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from sqlalchemy import text

from guideapi.app import GuideApp
from kit import clock
from kit.db import db, unit_of_work
from models import RosterDay, Staff, Store
from staff import service
from staff.rules.roster import Named, newest
from staff.rules.rows import RosterRow
from tests import make
from tests.client import Client
from tests.races import started, wait_until_blocked

TODAY = clock.business_day(clock.now(), "Asia/Shanghai")
HEADER = "门店编码,工号,日期,班次类型,分钟"


def item(person: Staff, store: Store, day: date = TODAY, **fields: Any) -> dict[str, Any]:
    said = {"store_code": store.code, "staff_no": person.staff_no, "day": day.isoformat()}
    return {**said, "kind": "work", "minutes": 480, "version": 1, **fields}


def send(client: Client, *items: dict[str, Any]) -> list[tuple[str, str | None]]:
    answer = client.post("/v1/roster-days", json={"items": list(items)})
    assert answer.status_code == 200, answer.json
    return [(told["outcome"], told.get("code")) for told in answer.json["items"]]


def held() -> list[tuple[str, int, int]]:
    days = db.session.query(RosterDay).populate_existing().order_by(RosterDay.day)
    found = [(day.kind, day.minutes, day.source_version) for day in days]
    db.session.rollback()
    return found


@pytest.fixture
def store(app: object) -> Store:
    return make.store()


@pytest.fixture
def person(store: Store) -> Staff:
    return make.guide(store_id=store.id)


@pytest.fixture
def machine(client: Client) -> Client:
    return client.with_token(make.api_key(scopes=["rosters:write"]))


def test_the_highest_version_of_a_day_holds(machine: Client, store: Store, person: Staff) -> None:
    assert send(machine, item(person, store, version=3)) == [("created", None)]
    assert send(machine, item(person, store, version=3)) == [("unchanged", None)]
    assert send(machine, item(person, store, version=3, minutes=60)) == [("rejected", "version_reused")]
    assert send(machine, item(person, store, version=2, minutes=60)) == [("stale", "older_version")]
    assert held() == [("work", 480, 3)]
    assert send(machine, item(person, store, version=4, kind="leave", minutes=0)) == [("updated", None)]
    assert held() == [("leave", 0, 4)]
    # By hand it is changed until a newer version comes; that one knows which versions came before.
    assert send(machine, item(person, store, version=None, minutes=200)) == [("updated", None)]
    assert send(machine, item(person, store, version=None, minutes=200)) == [("unchanged", None)]
    assert send(machine, item(person, store, version=3)) == [("stale", "older_version")]
    assert held() == [("work", 200, 4)]
    assert send(machine, item(person, store, version=5, kind="off", minutes=0)) == [("updated", None)]
    assert held() == [("off", 0, 5)]


def test_one_bad_item_stops_no_other(machine: Client, store: Store, person: Staff) -> None:
    elsewhere, ahead = make.store(), timedelta(days=500)
    found = send(
        machine,
        item(person, store, kind="holiday"),
        item(person, store, store_code="没有"),
        item(person, store, staff_no="没有"),
        item(person, elsewhere),
        item(person, store, person.hired_on - timedelta(days=1)),
        item(person, store, TODAY + ahead),
        item(person, store, minutes=0),
        item(person, store, kind="leave"),
        item(person, store, version=1),
        item(person, store, version=9, minutes=90),
        item(person, store, version=9, minutes=90),
        item(person, store, version=9, minutes=91),
        item(person, store, TODAY + timedelta(days=1), version=None),
        item(person, store, TODAY + timedelta(days=1), version=None, minutes=5),
    )
    assert found == [
        ("rejected", "invalid_item"),
        ("rejected", "unknown_store"),
        ("rejected", "unknown_guide"),
        ("rejected", "not_placed"),
        ("rejected", "not_placed"),
        ("rejected", "implausible_day"),
        ("rejected", "out_of_range"),
        ("rejected", "minutes_away"),
        ("stale", "older_version"),
        ("created", None),
        ("unchanged", None),
        ("rejected", "version_reused"),
        ("created", None),
        ("rejected", "duplicate"),
    ]
    assert held() == [("work", 90, 9), ("work", 480, 0)]
    without = machine.post("/v1/roster-days", json={"items": [{**item(person, store), "minutes": 0}]}).json["items"]
    assert [list(one["errors"]) for one in without] == [["minutes"]]
    answer = machine.post("/v1/roster-days", json={"items": [item(person, store, version=1)]})
    assert {**answer.json["items"][0], "detail": ""} == {
        "index": 0,
        "external_id": person.staff_no,
        "outcome": "stale",
        "code": "older_version",
        "detail": "",
        "version_held": 9,
        "version_sent": 1,
    }


sayings = st.lists(
    st.tuples(st.integers(1, 4), st.sampled_from(("work", "leave", "off"))),
    min_size=1,
    max_size=6,
    unique_by=lambda s: s[0],
)


@given(sayings, st.data())
def test_of_one_batch_the_newest_counts(said: list[tuple[int, str]], data: st.DataObject) -> None:
    place = (TODAY, UUID(int=1), UUID(int=2))
    rows = [
        RosterRow(store_code="S", staff_no="P", day=TODAY, kind=kind, version=version)
        for version, kind in data.draw(st.permutations(said))
    ]
    found = newest(Named(index, row, place) for index, row in enumerate(rows))
    assert (found[place].said.version, found[place].said.kind) == max(said)


def test_any_order_of_batches_gives_one_roster(machine: Client, store: Store, person: Staff) -> None:
    days = [TODAY + timedelta(days=n) for n in range(4)]
    orders: Sequence[Sequence[int]] = ((1, 2, 3), (3, 2, 1), (2, 3, 1), (3, 1, 2))
    for day, order in zip(days, orders, strict=True):
        for version in order:
            send(machine, item(person, store, day, version=version, minutes=100 * version))
    assert held() == [("work", 300, 3)] * 4


@pytest.mark.parametrize(
    ("version", "became", "holds"), [(3, "created", 3), (2, "version_reused", 2), (1, "older_version", 2)]
)
def test_what_another_one_writes_meanwhile_is_judged_again(
    app: GuideApp, store: Store, person: Staff, version: int, became: str, holds: int
) -> None:
    principal = make.principal_of(make.staff(roles=["hq_admin"]))
    row = RosterRow(
        store_code=store.code, staff_no=person.staff_no, day=TODAY, kind="work", minutes=60, version=version
    )
    found: list[service.Verdict] = []

    def take() -> None:
        with app.app_context(), unit_of_work():
            found.extend(service.take_rosters([row], principal=principal, now=clock.now()))

    with db.engine.begin() as other:
        columns = "day, staff_id, store_id, source_version, minutes, kind"
        other.execute(
            text(f"INSERT INTO roster_day ({columns}) VALUES (:day, :person, :store, 2, 480, 'work')"),
            {"day": TODAY, "person": person.id, "store": store.id},
        )
        taking = started(take)
        wait_until_blocked(1)
    taking.join()
    [verdict] = found
    assert (verdict.problem.code if verdict.problem else verdict.word) == became
    assert [version for _, _, version in held()] == [holds]


def test_a_file_is_told_row_by_row(client: Client, store: Store, person: Staff) -> None:
    as_manager = client.sign_in(make.staff(roles=["store_manager"], store_id=store.id))
    other = make.guide()
    other_code = db.session.get_one(Store, other.store_id).code
    lines = [
        f"{store.code},{person.staff_no},{TODAY},上班,480",
        f"{store.code},{person.staff_no},{TODAY + timedelta(days=1)},请假,",
        f"{store.code},{person.staff_no},{TODAY},休息,",
        f"{store.code},{person.staff_no},{TODAY + timedelta(days=2)},加班,60",
        f"{other_code},{other.staff_no},{TODAY},上班,480",
        f"{store.code},{other.staff_no},{TODAY},上班,480",
    ]
    sheet = "\n".join([HEADER, *lines]).encode()

    def told(content: bytes, *, dry_run: bool = False) -> Any:
        path = "/v1/imports/rosters" + ("?dry_run=true" if dry_run else "")
        return as_manager.post(path, data=content, content_type="text/csv").json

    dry, wet = told(sheet, dry_run=True), told(sheet)
    assert {**dry, "dry_run": False} == wet
    assert (wet["created"], wet["rejected"]) == (2, 4)
    assert [(one["line"], one["field"], one["code"]) for one in wet["problems"]] == [
        (4, "store_code", "duplicate"),
        (5, "kind", "unknown_kind"),
        (6, "store_code", "unknown_store"),
        (7, "staff_no", "not_placed"),
    ]
    assert held() == [("work", 480, 0), ("leave", 0, 0)]
    book = Workbook()
    for row in (HEADER.split(","), [store.code, person.staff_no, TODAY, "上班", 480]):
        book.active.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    again = as_manager.post("/v1/imports/rosters", data=buffer.getvalue(), content_type="application/octet-stream").json
    assert (again["unchanged"], again["rejected"]) == (1, 0)


def test_who_is_in_today(client: Client, store: Store, person: Staff) -> None:
    on_leave = make.guide(store_id=store.id)
    as_guide, as_manager = (
        client.sign_in(person),
        client.sign_in(make.staff(roles=["store_manager"], store_id=store.id)),
    )
    path = f"/v1/stores/{store.id}/roster"

    def seen(by: Client, query: str = "") -> list[Any]:
        answer = by.get(path + query)
        assert answer.status_code == 200, answer.json
        return list(answer.json["days"])

    [today] = seen(as_guide)
    assert (today["day"], today["roster"], len(today["items"])) == (TODAY.isoformat(), "none", 3)
    assert {(one["is_present"], one["minutes"]) for one in today["items"]} == {(True, 480)}
    send(as_manager, item(on_leave, store, kind="leave", minutes=0, version=None))
    [told], [shown] = seen(as_manager), seen(as_guide)
    leave = {one["staff_no"]: one for one in told["items"]}[on_leave.staff_no]
    assert (told["roster"], leave["kind"], leave["is_present"], leave["roles"]) == (
        "absences",
        "leave",
        False,
        ["guide"],
    )
    assert {one["staff_no"]: one["kind"] for one in shown["items"]}[on_leave.staff_no] is None
    [mine] = seen(client.sign_in(on_leave))
    assert {one["staff_no"]: one["kind"] for one in mine["items"]}[on_leave.staff_no] == "leave"
    send(as_manager, item(person, store, minutes=300, version=None))
    days = seen(as_manager, f"?from={TODAY}&to={TODAY + timedelta(days=1)}")
    assert [day["roster"] for day in days] == ["full", "none"]
    assert Counter(one["kind"] for one in days[0]["items"]) == Counter(["work", "leave", "unplanned"])
    for query in (f"?from={TODAY}&to={TODAY - timedelta(days=1)}", "?from=2026-01-01&to=2026-02-12"):
        assert as_manager.get(path + query).status_code == 422


def test_managers_speak_of_their_own_stores(client: Client, store: Store, person: Staff) -> None:
    stranger = client.sign_in(make.staff(roles=["store_manager"]))
    assert send(stranger, item(person, store)) == [("rejected", "unknown_store")]
    assert stranger.get(f"/v1/stores/{store.id}/roster").status_code == 404
    assert client.sign_in(person).post("/v1/roster-days", json={"items": []}).status_code == 403
    assert held() == []


def test_a_month_gets_a_partition_when_its_first_row_comes(machine: Client, store: Store, person: Staff) -> None:
    day = date(2021, 7, 9)
    assert send(machine, item(person, store, day)) == [("created", None)]
    found = db.session.scalar(text("SELECT tableoid::regclass::text FROM roster_day WHERE day = :day"), {"day": day})
    assert found == "roster_day_2021_07"


@pytest.fixture
def as_admin(client: Client) -> Client:
    return client.sign_in(make.staff(roles=["hq_admin"]))


def test_a_store_says_how_long_a_full_day_is(as_admin: Client, store: Store, person: Staff) -> None:
    shown = as_admin.get(f"/v1/stores/{store.id}")
    assert shown.json["normal_minutes"] == 480
    changed = as_admin.patch(
        f"/v1/stores/{store.id}", json={"normal_minutes": 420}, headers={"If-Match": shown.headers["ETag"]}
    )
    assert changed.json["normal_minutes"] == 420
    region = shown.json["region_code"]
    header = "code,name,region_code,time_zone,currency,country,city,tags,opened_on,closed_on"
    files = {
        f"{header}\n{store.code},一店,{region},,,,,,2020-01-01,\n": 420,
        f"{header},标准工时\n{store.code},一店,{region},,,,,,2020-01-01,,450\n": 450,
    }
    for content, minutes in files.items():
        as_admin.post("/v1/imports/stores", data=content.encode(), content_type="text/csv")
        assert as_admin.get(f"/v1/stores/{store.id}").json["normal_minutes"] == minutes
    told = as_admin.post(
        "/v1/imports/stores",
        data=f"{header},标准工时\n{store.code},一店,{region},,,,,,2020-01-01,,0\n".encode(),
        content_type="text/csv",
    ).json
    assert told["problems"][0]["code"] == "out_of_range"
