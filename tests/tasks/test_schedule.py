"""On which days a plan takes place, and when."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from staff.rules.calendar import decreed_days
from tasks.rules.schedule import END, Schedule, check_rrule, dates_of, instant, last_day_of, shortened, slots_fit

HOLIDAYS_2026 = {day.day for day in decreed_days(2026) if day.kind in ("holiday", "weekend")}
WORKED_2026 = {day.day for day in decreed_days(2026) if day.kind in ("workday", "makeup_workday")}


def is_off(day: date) -> bool:
    return day in HOLIDAYS_2026 or (day.isoweekday() > 5 and day not in WORKED_2026)


def schedule(rrule: str | None, first_day: date, **said: Any) -> Schedule:
    usual: dict[str, Any] = {"except_days": (), "holidays": "keep", "slots": (("00:00", END),)}
    return Schedule(first_day=first_day, rrule=rrule, **{**usual, **said})


def days(rule: Schedule, first: date, last: date, is_holiday: Callable[[date], bool] = lambda _: False) -> list[date]:
    return dates_of(rule, first=first, last=last, is_holiday=is_holiday)


def test_a_plan_without_a_rule_takes_place_once() -> None:
    once = schedule(None, date(2026, 3, 9))
    assert days(once, date(2026, 3, 1), date(2026, 3, 31)) == [date(2026, 3, 9)]
    assert days(once, date(2026, 3, 10), date(2026, 3, 31)) == []
    assert last_day_of(once) == date(2026, 3, 9)


def test_the_31st_and_29_february_come_where_there_are_any() -> None:
    monthly = schedule("FREQ=MONTHLY;BYMONTHDAY=31", date(2026, 1, 1))
    found = days(monthly, date(2026, 1, 1), date(2026, 12, 31))
    assert [day.month for day in found] == [1, 3, 5, 7, 8, 10, 12]
    leap = schedule("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", date(2026, 1, 1))
    assert days(leap, date(2026, 1, 1), date(2033, 1, 1)) == [date(2028, 2, 29), date(2032, 2, 29)]
    last = schedule("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", date(2026, 1, 1))
    assert days(last, date(2026, 12, 1), date(2027, 1, 31)) == [date(2026, 12, 31), date(2027, 1, 29)]


def test_a_count_counts_from_the_first_day_wherever_the_window_lies() -> None:
    rule = schedule("FREQ=DAILY;COUNT=5", date(2026, 1, 1), except_days=(date(2026, 1, 4),))
    assert days(rule, date(2026, 1, 3), date(2026, 2, 1)) == [date(2026, 1, 3), date(2026, 1, 5)]
    assert last_day_of(rule) == date(2026, 1, 5)
    assert last_day_of(schedule("FREQ=DAILY", date(2026, 1, 1))) is None


def test_spring_festival_moves_or_spares_a_day() -> None:
    # 2026: off from 15 to 23 February; the Saturdays 14 and 28 February are worked.
    monday = {"first_day": date(2026, 2, 1), "rrule": "FREQ=WEEKLY;BYDAY=MO"}
    window = (date(2026, 2, 10), date(2026, 2, 28))
    assert days(schedule(**monday), *window, is_off) == [date(2026, 2, 16), date(2026, 2, 23)]
    assert days(schedule(**monday, holidays="skip"), *window, is_off) == []
    assert days(schedule(**monday, holidays="shift_before"), *window, is_off) == [date(2026, 2, 14)]
    assert days(schedule(**monday, holidays="shift_after"), *window, is_off) == [date(2026, 2, 24)]


def test_a_weekend_day_that_is_worked_is_a_working_day() -> None:
    worked = date(2026, 1, 4)  # a Sunday for New Year's Day
    assert worked.isoweekday() == 7
    sundays = schedule("FREQ=WEEKLY;BYDAY=SU", date(2026, 1, 1), holidays="skip")
    assert days(sundays, date(2026, 1, 1), date(2026, 1, 31), is_off) == [worked]


@pytest.mark.parametrize(
    ("day", "at", "zone", "expected"),
    [
        (date(2026, 3, 8), "02:30", "America/New_York", "2026-03-08T07:00:00+00:00"),  # a gap: 03:00 there
        (date(2026, 11, 1), "01:30", "America/New_York", "2026-11-01T05:30:00+00:00"),  # twice: the first
        (date(2026, 3, 29), "01:15", "Europe/London", "2026-03-29T01:00:00+00:00"),
        (date(2026, 10, 4), "02:10", "Australia/Lord_Howe", "2026-10-03T15:30:00+00:00"),  # a gap of half an hour
        (date(2026, 3, 8), "24:00", "America/New_York", "2026-03-09T04:00:00+00:00"),
        (date(2026, 3, 8), "09:00", "Asia/Shanghai", "2026-03-08T01:00:00+00:00"),
        (date(2011, 12, 30), "09:00", "Pacific/Apia", "2011-12-30T10:00:00+00:00"),  # a day that never was
    ],
)
def test_clock_times_meet_clock_changes(day: date, at: str, zone: str, expected: str) -> None:
    assert instant(day, at, zone).isoformat() == expected


@given(
    st.dates(date(1990, 1, 1), date(2037, 12, 31)),
    st.integers(0, 24 * 60 - 1),
    st.sampled_from(sorted(available_timezones() - {"localtime"})),
)
def test_an_instant_shows_its_time_or_the_first_after_a_gap(day: date, minute: int, zone: str) -> None:
    at = f"{minute // 60:02}:{minute % 60:02}"
    found = instant(day, at, zone)
    asked = datetime.combine(day, time(minute // 60, minute % 60))
    shown = found.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    assert shown >= asked
    if shown != asked:
        before = (found - timedelta(seconds=1)).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        assert before < asked
    assert found.tzinfo == UTC


@pytest.mark.parametrize(
    "rule",
    [
        "",
        "FREQ=HOURLY",
        "FREQ=DAILY;BYHOUR=3",
        "FREQ=DAILY;COUNT=3;UNTIL=20270101",
        "FREQ=DAILY;UNTIL=20270101T000000Z",
        "FREQ=DAILY;UNTIL=20200101",
        "FREQ=MONTHLY;BYMONTHDAY=99",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;COUNT=x",
        "DTSTART:20260101",
        "每天",
    ],
)
def test_rules_that_are_none_are_refused(rule: str) -> None:
    assert not check_rrule(rule, date(2026, 1, 1))


def test_slots_follow_on_one_another_and_are_never_shortened() -> None:
    assert slots_fit([("09:00", "12:00"), ("12:00", "24:00")])
    assert not slots_fit([("12:00", "09:00")])
    assert not slots_fit([("09:00", "12:00"), ("11:00", "13:00")])
    assert shortened([("09:00", "21:00")], [("09:00", "20:59")])
    assert shortened([("09:00", "12:00"), ("13:00", "21:00")], [("09:00", "12:00")])
    assert not shortened([("09:00", "21:00")], [("08:00", "24:00")])
