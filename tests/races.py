"""Races, forced: several callers started together, or held at a lock until all have come to it."""

from collections.abc import Callable
from threading import Barrier, Thread

from sqlalchemy import text

from kit.db import db

WAITING = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
PATIENCE = 50_000


def together(*calls: Callable[[], object]) -> None:
    """Run all `calls` at once, each in its own thread, and wait for them."""
    start = Barrier(len(calls))

    def run(call: Callable[[], object]) -> None:
        start.wait()
        call()

    _join([_started(lambda call=call: run(call)) for call in calls])


def held_at(lock: str, *calls: Callable[[], object]) -> None:
    """Run all `calls`, each in its own thread, held at what the statement `lock` locks until all wait for it."""
    with db.engine.begin() as connection:
        connection.execute(text(lock))
        threads = [_started(call) for call in calls]
        wait_until_blocked(len(calls))
    _join(threads)


def wait_until_blocked(backends: int) -> None:
    """Return once `backends` connections to this database wait for locks."""
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for _ in range(PATIENCE):
            if connection.scalar(WAITING) == backends:
                return
    raise AssertionError(f"never were {backends} connections waiting for a lock")


def _started(call: Callable[[], object]) -> Thread:
    thread = Thread(target=call)
    thread.start()
    return thread


def _join(threads: list[Thread]) -> None:
    for thread in threads:
        thread.join()
