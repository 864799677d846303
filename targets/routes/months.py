"""Months in paths and queries."""

import re
from datetime import date

from kit.errors import NotFound


def month_of(text: str) -> date:
    """The first day of the month that a path names, such as 2026-11; any other text is not found."""
    if not re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", text):
        raise NotFound
    return date.fromisoformat(f"{text}-01")


def asked_month(text: str | None) -> date | None:
    """The first day of a month that a schema has checked."""
    return date.fromisoformat(f"{text}-01") if text else None
