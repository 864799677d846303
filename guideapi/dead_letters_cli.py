"""What `guideapi dead-letters` does."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import orjson

from kit import audit, clock, dead_letters
from kit.db import unit_of_work
from kit.errors import DomainError

PAGE = 200


def tell_all() -> Iterator[str]:
    """A line for each dead letter that waits, the latest first."""
    for letter in _waiting():
        arguments = orjson.dumps(letter["arguments"]).decode()
        count = f"{letter['failures']} × {letter['attempts']} attempts"
        yield f"{letter['id']}  {letter['last_failed_at']:%Y-%m-%d %H:%M:%SZ}  {letter['job']} {arguments}"
        yield f"    {count}: {letter['error']}"


def retry_all() -> Iterator[str]:
    """Have all that wait run once more; a line for each."""
    for letter in list(_waiting()):
        try:
            yield from retry_one(letter["id"])
        except DomainError as refusal:
            # The others are none the worse for it.
            yield f"{letter['id']}  {refusal}"


def retry_one(letter_id: UUID) -> Iterator[str]:
    """Have it run once more; raises what `dead_letters.retry` raises."""
    with unit_of_work():
        audit.act_as(kind="guideapi dead-letters")
        letter = dead_letters.retry(letter_id, now=clock.now())
    yield f"{letter_id}  {letter['job']} is queued"


def _waiting() -> Iterator[dict[str, Any]]:
    after = None
    while True:
        with unit_of_work(reading=True):
            page = dead_letters.list_letters(retried=False, after=after, limit=PAGE)
        yield from page
        if len(page) < PAGE:
            return
        after = [page[-1]["last_failed_at"], page[-1]["id"]]
