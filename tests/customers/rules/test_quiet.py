"""Quiet hours end when the clock on the wall says so, also on the two nights when clocks change."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customers.rules.quiet import QuietHours, first_loud, is_quiet

CLOCKS = st.builds("{:02}:{:02}".format, st.integers(0, 23), st.integers(0, 59))
# Zones whose clocks change around midnight, by half an hour, or never.
ZONES = st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/Havana", "Australia/Lord_Howe", "Asia/Beirut"])
CHANGES = [datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 10, 25, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)]
INSTANTS = st.builds(
    lambda day, minutes, seconds: day + timedelta(minutes=minutes, seconds=seconds),
    st.sampled_from(CHANGES),
    st.integers(-2 * 1440, 2 * 1440),
    st.integers(0, 59),
)


@settings(max_examples=150, deadline=None)
@given(INSTANTS, CLOCKS, CLOCKS, ZONES)
def test_the_first_loud_minute_is_the_one_found_by_walking(at: datetime, starts: str, ends: str, zone: str) -> None:
    hours = QuietHours(starts, ends, zone)
    walked = at
    while is_quiet(walked, hours):
        walked = walked.replace(second=0) + timedelta(minutes=1)
    assert first_loud(at, hours) == walked


@pytest.mark.parametrize(
    ("clock", "quiet"),
    [("20:59", False), ("21:00", True), ("23:59", True), ("00:00", True), ("08:59", True), ("09:00", False)],
)
def test_a_night_runs_across_midnight(clock: str, quiet: bool) -> None:
    shanghai = datetime.fromisoformat(f"2026-11-21T{clock}:30").replace(tzinfo=ZoneInfo("Asia/Shanghai"))
    assert is_quiet(shanghai.astimezone(UTC), QuietHours("21:00", "09:00", "Asia/Shanghai")) is quiet


def test_a_skipped_end_is_when_the_clock_jumps_past_it() -> None:
    hours = QuietHours("21:00", "02:30", "Europe/Berlin")
    assert first_loud(datetime(2026, 3, 29, 0, 10, tzinfo=UTC), hours) == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)


def test_equal_times_are_no_quiet_hours() -> None:
    assert not is_quiet(datetime(2026, 1, 1, tzinfo=UTC), QuietHours("08:00", "08:00", "UTC"))
