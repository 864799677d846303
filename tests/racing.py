"""Races that are forced: two units of work in two threads, each on a connection of its own."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from flask import Flask
from sqlalchemy import text

from kit.db import db, unit_of_work

PATIENCE_SECONDS = 20
BLOCKED = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")


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
        return bool(connection.scalar(BLOCKED))


def _wait_until(condition: Callable[[], bool]) -> None:
    pause = threading.Event()
    for _ in range(PATIENCE_SECONDS * 50):
        if condition():
            return
        pause.wait(0.02)
    raise AssertionError("nothing happened")
