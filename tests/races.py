"""Races, forced: several callers started together, or held at a lock until all have come to it."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier, Thread
from typing import Any

from flask import Flask
from sqlalchemy import text

from kit.db import db, unit_of_work

WAITING = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
PATIENCE = 50_000
PATIENCE_SECONDS = 60


def together(*calls: Callable[[], object]) -> None:
    """Run all `calls` at once, each in its own thread, and wait for them."""
    start = Barrier(len(calls))

    def run(call: Callable[[], object]) -> None:
        start.wait()
        call()

    _join([started(lambda call=call: run(call)) for call in calls])


def held_at(lock: str, *calls: Callable[[], object]) -> None:
    """Run all `calls`, each in its own thread, held at what the statement `lock` locks until all wait for it."""
    with db.engine.begin() as connection:
        connection.execute(text(lock))
        threads = [started(call) for call in calls]
        wait_until_blocked(len(calls))
    _join(threads)


def wait_until_blocked(backends: int) -> None:
    """Return once `backends` connections to this database wait for locks."""
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for _ in range(PATIENCE):
            if connection.scalar(WAITING) == backends:
                return
    raise AssertionError(f"never were {backends} connections waiting for a lock")


def started(call: Callable[[], object]) -> Thread:
    """`call`, running in a thread of its own."""
    thread = Thread(target=call)
    thread.start()
    return thread


def _join(threads: list[Thread]) -> None:
    for thread in threads:
        thread.join()


def race(app: Flask, first: Callable[[], Any], second: Callable[[], Any]) -> tuple[Any, Any]:
    """What both return when `second` starts after `first` did its work and before that is committed."""
    with ThreadPoolExecutor(2) as threads, _held(app, threads, first) as (done, release):
        other: Future[Any] = threads.submit(_run, app, second)
        _wait_until(lambda: other.done() or _somebody_waits())
        release.set()
        return done.result(PATIENCE_SECONDS), other.result(PATIENCE_SECONDS)


@contextmanager
def _held(
    app: Flask, threads: ThreadPoolExecutor, work: Callable[[], Any]
) -> Iterator[tuple[Future[Any], threading.Event]]:
    worked, release = threading.Event(), threading.Event()

    def hold() -> Any:
        with app.app_context():
            try:
                with unit_of_work():
                    result = work()
                    worked.set()
                    assert release.wait(PATIENCE_SECONDS)
                return result
            finally:
                worked.set()

    done = threads.submit(hold)
    try:
        assert worked.wait(PATIENCE_SECONDS)
        yield done, release
    finally:
        release.set()


def _run(app: Flask, work: Callable[[], Any]) -> Any:
    with app.app_context(), unit_of_work():
        return work()


def _somebody_waits() -> bool:
    with db.engine.connect() as connection:
        return bool(connection.scalar(WAITING))


def _wait_until(condition: Callable[[], bool]) -> None:
    pause = threading.Event()
    for _ in range(PATIENCE_SECONDS * 50):
        if condition():
            return
        pause.wait(0.02)
    raise AssertionError("nothing happened")
