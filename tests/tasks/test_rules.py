"""What a plan must be."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from tasks.rules import end_of_day, find_plan_problems

DAY = date(2026, 3, 8)


def test_a_day_ends_at_midnight_of_its_zone_even_when_the_clocks_change() -> None:
    start, end = (end_of_day(day, "America/New_York") for day in (DAY - timedelta(days=1), DAY))
    assert end - start == timedelta(days=1)  # wall time
    assert end.timestamp() - start.timestamp() == 23 * 3600


@pytest.mark.parametrize(
    ("due_day", "due_time", "allowed"),
    [
        (date(2026, 3, 8), time(0, 0), False),
        (date(2026, 3, 8), time(0, 1), True),
        (date(2026, 3, 9), time(0, 0), True),
        (date(2026, 3, 9), time(0, 1), False),
    ],
)
def test_the_deadline_lies_within_the_day(due_day: date, due_time: time, allowed: bool) -> None:
    problems = find_plan_problems(
        kind="custom",
        has_content=False,
        day=DAY,
        today=DAY,
        due_at=datetime.combine(due_day, due_time, tzinfo=ZoneInfo("Asia/Shanghai")),
        zone="Asia/Shanghai",
    )
    assert ("due_at" not in problems) is allowed
