"""Rows that are kept for a stated time and then forgotten, some at a time, so that nobody waits for them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import TextClause

from kit.db import execute_anew, unit_of_work

ROWS_AT_ONCE = 5_000


def months_before(now: datetime, months: int) -> datetime:
    """The first of the month so many months ago, in the zone of `now`."""
    count = now.year * 12 + now.month - 1 - months
    return now.replace(year=count // 12, month=count % 12 + 1, day=1, hour=0, minute=0, second=0, microsecond=0)


def forget(statement: TextClause, parameters: Mapping[str, Any]) -> int:
    """Run a DELETE of at most `:limit` rows, each time in a unit of work of its own, until it finds no more.

    How many rows that were.
    """
    forgotten = 0
    while True:
        with unit_of_work():
            count = execute_anew(statement, {**parameters, "limit": ROWS_AT_ONCE}).rowcount
        forgotten += count
        if count < ROWS_AT_ONCE:
            return forgotten
