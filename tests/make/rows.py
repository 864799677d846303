"""What all factories share."""

from datetime import date, timedelta
from itertools import count
from typing import TypeVar

from kit import clock
from kit.db import Base, db, unit_of_work

Row = TypeVar("Row", bound=Base)
_numbers = count(1)


def next_number() -> int:
    """A number no other row of this test run has."""
    return next(_numbers)


def save(row: Row) -> Row:
    """Commit one row."""
    with unit_of_work():
        db.session.add(row)
    return row


def yesterday() -> date:
    return clock.now().date() - timedelta(days=1)
