"""What all factories share."""

import time
from collections.abc import Callable
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


def wait_until(holds: Callable[[], bool], *, seconds: float = 30) -> None:
    """Poll until `holds()`; fails the test when it never does."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)
