"""The only reader of the clock."""

import re
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

_IN_UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00")


def now() -> datetime:
    """The present instant, UTC, aware."""
    return datetime.now(UTC)


def business_day(at: datetime, zone: str) -> date:
    """The calendar day of `at` in the IANA time zone `zone`, which is the store's."""
    return at.astimezone(ZoneInfo(zone)).date()


def with_z(value: Any) -> Any:
    """What the database wrote as JSON, its times with `Z` like all others."""
    if isinstance(value, dict):
        return {name: with_z(part) for name, part in value.items()}
    if isinstance(value, list):
        return [with_z(part) for part in value]
    return f"{value[:-6]}Z" if isinstance(value, str) and _IN_UTC.fullmatch(value) else value


def as_text(at: datetime) -> str:
    """`at` as answers write it: RFC 3339 in UTC with `Z`."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
