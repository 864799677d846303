"""Business calendars: what is decreed, what HQ changes, and years that nobody decreed."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lunar_python import Solar
from sqlalchemy import func, select

from kit.db import db, unit_of_work
from models import AuditEntry, CalendarDay, CalendarYear, Staff
from staff import service
from staff.rules import calendar as rules
from tests import make
from tests.client import Client
from tests.races import race

HEADER = "day,kind,festival"


@pytest.fixture
def as_admin(client: Client) -> Client:
    return client.sign_in(make.staff(roles=["hq_admin"]))


@pytest.fixture
def china(app: object) -> None:
    """China's years as a new database has them."""
    make.calendars()


def days(client: Client, first: str, last: str, country: str = "CN") -> dict[str, Any]:
    answer = client.get(f"/v1/calendars/{country}?from={first}&to={last}")
    assert answer.status_code == 200, answer.text
    return {day["day"]: day for day in answer.json["items"]}


def test_2026_is_as_the_state_council_decreed_it(china: None, as_guide: Client) -> None:
    """国务院办公厅关于2026年部分节假日安排的通知, day by day."""
    told = days(as_guide, "2026-01-01", "2026-12-31")
    holidays = {day for day, said in told.items() if said["kind"] == "holiday"}
    decreed = [("01-01", 3), ("02-15", 9), ("04-04", 3), ("05-01", 5), ("06-19", 3), ("09-25", 3), ("10-01", 7)]
    starts = [(date.fromisoformat(f"2026-{start}"), length) for start, length in decreed]
    assert holidays == {(start + timedelta(days=n)).isoformat() for start, length in starts for n in range(length)}
    makeup = {day for day, said in told.items() if said["kind"] == "makeup_workday"}
    assert makeup == {f"2026-{day}" for day in ("01-04", "02-14", "02-28", "05-09", "09-20", "10-10")}


def test_festivals_have_their_days(china: None, as_guide: Client) -> None:
    told = days(as_guide, "2026-01-01", "2026-12-31")
    assert {day: told[f"2026-{day}"]["festival"] for day in ("02-17", "03-03", "04-05", "05-01", "06-19")} == {
        "02-17": "春节",
        "03-03": "元宵",
        "04-05": "清明",
        "05-01": "五一",
        "06-19": "端午",
    }
    assert {day: told[f"2026-{day}"]["festival"] for day in ("08-19", "09-25", "10-01", "11-11", "11-12")} == {
        "08-19": "七夕",
        "09-25": "中秋",
        "10-01": "国庆",
        "11-11": "双11",
        "11-12": None,
    }
    assert (told["2026-08-19"]["kind"], told["2026-02-17"]["lunar"]["text"]) == ("workday", "正月初一")


def test_a_festival_inside_a_longer_holiday_keeps_its_name(china: None, as_guide: Client) -> None:
    told = days(as_guide, "2025-10-05", "2025-10-07")
    assert [day["festival"] for day in told.values()] == ["国庆", "中秋", "国庆"]


def test_a_year_that_nobody_decreed_follows_the_week_and_says_so(china: None, as_guide: Client) -> None:
    answer = as_guide.get("/v1/calendars/CN?from=2026-12-30&to=2027-02-07").json
    assert [(year["year"], year["is_decreed"]) for year in answer["years"]] == [(2026, True), (2027, False)]
    assert answer["years"][1] == {"year": 2027, "is_decreed": False, "decree": None, "version": None}
    told = {day["day"]: day for day in answer["items"]}
    # New Year's Eve of the lunar year, and its first day, a Saturday: no holiday before somebody says so.
    assert [told[f"2027-{day}"]["kind"] for day in ("01-01", "02-05", "02-06")] == ["workday", "workday", "weekend"]
    assert told["2027-02-06"]["festival"] == "春节"
    assert as_guide.get("/v1/calendars/CN/years/2027").json["code"] == "calendar_year_not_found"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("from=2026-02-01&to=2026-01-31", "from"),
        ("from=1999-12-31&to=2000-01-01", "from"),
        ("from=2099-12-31&to=2100-01-01", "from"),
        ("from=2026-01-01&to=2027-01-02", "to"),
        ("from=2026-01-01", "to"),
    ],
)
def test_periods_that_no_calendar_has(as_guide: Client, query: str, field: str) -> None:
    answer = as_guide.get(f"/v1/calendars/CN?{query}")
    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])


@pytest.mark.parametrize("country", ["XX", "cn", "CHN", "中国"])
def test_a_country_that_is_none(as_guide: Client, country: str) -> None:
    answer = as_guide.get(f"/v1/calendars/{country}?from=2026-01-01&to=2026-01-02")
    assert (answer.status_code, answer.json["code"]) == (404, "calendar_not_found")


def test_hq_changes_days_and_two_editors_notice_each_other(china: None, as_admin: Client) -> None:
    read = as_admin.get("/v1/calendars/CN/years/2026")
    body = {"days": [{"day": "2026-09-09", "kind": "workday", "festival": "店庆"}]}
    changed = as_admin.patch("/v1/calendars/CN/years/2026", json=body, headers={"If-Match": read.headers["ETag"]})
    assert (changed.status_code, changed.json["version"]) == (200, 2)
    assert days(as_admin, "2026-09-09", "2026-09-09")["2026-09-09"]["festival"] == "店庆"
    stale = as_admin.patch("/v1/calendars/CN/years/2026", json=body, headers={"If-Match": read.headers["ETag"]})
    assert (stale.status_code, stale.json["code"]) == (412, "stale")
    etag = {"If-Match": changed.headers["ETag"]}
    assert as_admin.patch("/v1/calendars/CN/years/2026", json=body, headers=etag).json["version"] == 2
    fresh = as_admin.get("/v1/calendars/CN/years/2026", headers={"If-None-Match": changed.headers["ETag"]})
    assert fresh.status_code == 304


def test_a_change_is_in_the_audit_log(china: None, as_admin: Client) -> None:
    body = {"days": [{"day": "2026-10-06", "kind": "workday"}]}
    as_admin.patch("/v1/calendars/CN/years/2026", json=body, headers={"If-Match": '"1"'})
    # The migration and the test's own seeding are not what is asked here.
    change = select(AuditEntry.before, AuditEntry.after).where(AuditEntry.table_name == "calendar_day")
    before, after = db.session.execute(change.where(AuditEntry.action == "changed")).one()
    assert (before["kind"], after["kind"]) == ("holiday", "workday")


def test_hq_enters_a_year_once(as_admin: Client) -> None:
    body = {"year": 2027, "decree": "Gazette", "days": [{"day": "2027-01-01", "kind": "holiday", "festival": "元旦"}]}
    made = as_admin.post("/v1/calendars/CN/years", json=body)
    assert (made.status_code, made.json["version"], len(made.json["days"])) == (201, 1, 1)
    assert as_admin.post("/v1/calendars/CN/years", json=body).json["code"] == "calendar_year_known"
    # What HQ entered says everything there is of that year: no festival that it does not name.
    assert days(as_admin, "2027-02-06", "2027-02-06")["2027-02-06"]["festival"] is None


@pytest.mark.parametrize(
    "given",
    [
        [{"day": "2026-01-01", "kind": "holiday"}],
        [{"day": "2027-01-01", "kind": "holiday"}, {"day": "2027-01-01", "kind": "workday"}],
    ],
)
def test_days_of_another_year_or_twice_are_refused(as_admin: Client, given: list[dict[str, str]]) -> None:
    answer = as_admin.post("/v1/calendars/CN/years", json={"year": 2027, "decree": "x", "days": given})
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["days"])
    assert db.session.scalar(select(func.count()).select_from(CalendarYear)) == 0


def test_seeding_leaves_what_people_entered(app: object) -> None:
    with unit_of_work():
        service.add_year(country="CN", year=2026, decree="HQ", days=[])
    make.calendars()
    make.calendars()
    rows = db.session.execute(select(CalendarYear.year, CalendarYear.decree)).all()
    decrees = {year: decree for year, decree in rows}  # noqa: C416
    assert sorted(decrees) == rules.decreed_years("CN")
    assert (decrees[2026], decrees[2025]) == ("HQ", "国务院办公厅关于2025年部分节假日安排的通知")


def test_two_who_enter_one_year_do_not_both(app: Any) -> None:
    def add(decree: str) -> str | None:
        try:
            service.add_year(country="SG", year=2026, decree=decree, days=[])
        except service.CalendarYearKnown as refusal:
            return refusal.code
        return None

    assert race(app, lambda: add("first"), lambda: add("second")) == (None, "calendar_year_known")


def send(client: Client, content: str, country: str = "SG", *, dry_run: bool = False) -> Any:
    path = f"/v1/imports/calendars?country={country}&dry_run={str(dry_run).lower()}"
    return client.post(path, data=content.encode(), content_type="text/csv")


def test_other_countries_come_by_file(as_admin: Client) -> None:
    content = f"""{HEADER}
2026-08-09,holiday,National Day
2026-08-10,holiday,
9 Aug,holiday,
2026-08-12,feast,
1999-01-01,holiday,
2026-08-09,workday,
"""
    dry = send(as_admin, content, dry_run=True).json
    assert days(as_admin, "2026-08-10", "2026-08-10", "SG")["2026-08-10"]["kind"] == "workday"
    told = send(as_admin, content).json
    assert {**dry, "dry_run": False} == told
    assert (told["created"], told["rejected"]) == (2, 4)
    assert [(problem["line"], problem["code"]) for problem in told["problems"]] == [
        (4, "unreadable"),
        (5, "unknown_kind"),
        (6, "implausible_day"),
        (7, "duplicate"),
    ]
    sunday = days(as_admin, "2026-08-09", "2026-08-09", "SG")["2026-08-09"]
    assert (sunday["kind"], sunday["festival"]) == ("holiday", "National Day")
    again = send(as_admin, f"{HEADER}\n2026-08-09,holiday,National Day\n2026-08-10,workday,\n").json
    assert (again["created"], again["updated"], again["unchanged"]) == (0, 1, 1)


def test_files_may_be_chinese(as_admin: Client) -> None:
    told = send(as_admin, "日期,类型,节日\n2027/1/1,节假日,元旦\n2027年1月2日,调休上班,\n", "CN").json
    assert told["created"] == 2
    assert [day["kind"] for day in days(as_admin, "2027-01-01", "2027-01-02").values()] == ["holiday", "makeup_workday"]


def test_a_country_that_is_none_takes_no_file(as_admin: Client) -> None:
    assert send(as_admin, f"{HEADER}\n2026-08-09,holiday,\n", "XX").json["code"] == "calendar_not_found"


def test_only_hq_edits(china: None, as_manager: Client, manager: Staff) -> None:
    answer = as_manager.patch("/v1/calendars/CN/years/2026", json={"decree": "x"}, headers={"If-Match": '"1"'})
    assert answer.status_code == 403
    assert db.session.scalar(select(func.count()).select_from(CalendarDay)) == sum(
        len(rules.decreed_days(year)) for year in rules.decreed_years("CN")
    )


@settings(deadline=None)
@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_lunar_dates_are_those_of_the_package(day: date) -> None:
    """What is counted from the months' first days, against its conversion of single days, which takes 11 ms each."""
    lunar = Solar.fromYmd(day.year, day.month, day.day).getLunar()
    told = rules.lunar_date(day)
    expected = (lunar.getYear(), abs(lunar.getMonth()), lunar.getDay(), lunar.getMonth() < 0)
    assert told[:4] == expected
    assert lunar.toString().endswith(told.text)
