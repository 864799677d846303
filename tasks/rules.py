"""What a task plan must be, whatever the database holds."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from kit.words import Said, say


def end_of_day(day: date, zone: str) -> datetime:
    """The instant at which business day `day` ends in the IANA time zone `zone`."""
    return datetime.combine(day + timedelta(days=1), time.min, tzinfo=ZoneInfo(zone))


def find_plan_problems(
    *, kind: str, has_content: bool, day: date, today: date, due_at: datetime, zone: str
) -> dict[str, list[Said]]:
    """Messages by field; none when the plan may be set.

    A deadline lies within its business day, because that is the day on which forwards are counted.
    """
    problems: dict[str, list[Said]] = {}
    if (kind == "forward") != has_content:
        problems["content_id"] = [say("content_misplaced")]
    if day < today:
        problems["day"] = [say("day_over")]
    if not end_of_day(day - timedelta(days=1), zone) < due_at <= end_of_day(day, zone):
        problems["due_at"] = [say("outside_day", day=day.isoformat(), zone=zone)]
    return problems
