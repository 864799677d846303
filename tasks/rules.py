"""What a task plan must be, whatever the database holds."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def end_of_day(day: date, zone: str) -> datetime:
    """The instant at which business day `day` ends in the IANA time zone `zone`."""
    return datetime.combine(day + timedelta(days=1), time.min, tzinfo=ZoneInfo(zone))


def find_plan_problems(
    *, kind: str, has_content: bool, day: date, today: date, due_at: datetime, zone: str
) -> dict[str, list[str]]:
    """Messages by field; none when the plan may be set.

    A deadline lies within its business day, because that is the day on which forwards are counted.
    """
    problems: dict[str, list[str]] = {}
    if (kind == "forward") != has_content:
        problems["content_id"] = ["A forward task names the content to forward; no other task does."]
    if day < today:
        problems["day"] = ["The day is over."]
    if not end_of_day(day - timedelta(days=1), zone) < due_at <= end_of_day(day, zone):
        problems["due_at"] = [f"The deadline lies within the business day {day} in {zone}."]
    return problems
