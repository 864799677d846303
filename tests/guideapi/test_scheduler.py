"""One scheduler leads, another takes over at once where it stopped; times are UTC."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from rq import Queue

from guideapi import scheduler
from guideapi.app import GuideApp
from guideapi.config import Config
from guideapi.registry import JOBS
from guideapi.scheduler import LOCK, Scheduler, next_time
from kit import jobs
from tests.conftest import ROOT, process_environment
from tests.guideapi.processes import until

MORNING = datetime(2026, 3, 2, 2, 59, tzinfo=UTC)
NIGHTLY = "audit.jobs:make_months"  # at three
ALLOWED_SECONDS = 15


def queued() -> list[str]:
    """The names of all jobs that wait."""
    queues = [Queue(name, connection=jobs.connection()) for name in jobs.QUEUES]
    return [job.args[0] for queue in queues for job in queue.get_jobs()]


def work_off() -> None:
    for name in jobs.QUEUES:
        Queue(name, connection=jobs.connection()).empty()


def test_what_is_due_is_queued_once(app: GuideApp) -> None:
    leader = Scheduler(jobs.connection())
    leader.take_turn(now=MORNING)
    assert queued().count("integrations.jobs:derive_deliveries") == 1
    assert NIGHTLY not in queued()
    leader.take_turn(now=MORNING + timedelta(minutes=1))
    leader.take_turn(now=MORNING + timedelta(minutes=1, seconds=1))
    assert queued().count(NIGHTLY) == 1
    assert queued().count("integrations.jobs:derive_deliveries") == 2


def test_one_leads_and_the_other_queues_nothing(app: GuideApp) -> None:
    leader, other = Scheduler(jobs.connection()), Scheduler(jobs.connection())
    leader.take_turn(now=MORNING)
    work_off()
    other.take_turn(now=MORNING + timedelta(minutes=2))
    assert queued() == []
    leader.resign()
    other.take_turn(now=MORNING + timedelta(minutes=2))
    assert NIGHTLY in queued()


def test_who_takes_over_queues_what_was_missed_and_nothing_else(app: GuideApp) -> None:
    first, second = Scheduler(jobs.connection()), Scheduler(jobs.connection())
    for minutes in (0, 1):
        first.take_turn(now=MORNING + timedelta(minutes=minutes))
    work_off()
    first.resign()
    second.take_turn(now=MORNING + timedelta(minutes=1, seconds=1))
    assert queued() == []
    second.resign()
    Scheduler(jobs.connection()).take_turn(now=MORNING + timedelta(days=3))
    assert queued().count(NIGHTLY) == 1


def test_a_leader_that_lost_its_lock_steps_back(app: GuideApp) -> None:
    leader, other = Scheduler(jobs.connection()), Scheduler(jobs.connection())
    leader.take_turn(now=MORNING)
    jobs.connection().delete(LOCK)
    other.take_turn(now=MORNING)
    work_off()
    leader.take_turn(now=MORNING + timedelta(minutes=2))
    assert queued() == []


def test_times_are_utc_wherever_the_machine_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    time.tzset()
    try:
        assert next_time(JOBS[NIGHTLY], MORNING) == datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
        assert next_time(JOBS[NIGHTLY], MORNING + timedelta(minutes=1)) == datetime(2026, 3, 3, 3, 0, tzinfo=UTC)
    finally:
        monkeypatch.undo()
        time.tzset()


def test_a_killed_leader_is_followed_within_seconds(app: GuideApp, config: Config) -> None:
    assert scheduler.LEADER_SECONDS + 2 * scheduler.TURN_SECONDS < ALLOWED_SECONDS
    redis = jobs.connection()
    with started(config) as leader:
        until(lambda: redis.exists(LOCK) and queued(), what="the first scheduler to lead")
        with started(config) as standby:
            until(lambda: len(clients()) > 1, what="the second scheduler to stand by")
            leader.kill()
            killed_at = time.monotonic()
            work_off()
            until(queued, what="the standby to queue")
            assert time.monotonic() - killed_at < ALLOWED_SECONDS
            assert standby.poll() is None


def clients() -> set[str]:
    """The schedulers that Redis hears from: each asks for the lock every second."""
    return {client["addr"] for client in jobs.connection().client_list() if client["cmd"] in ("set", "evalsha", "get")}


@contextmanager
def started(config: Config) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "guideapi", "scheduler"]
    process = subprocess.Popen(command, cwd=ROOT, env=process_environment(config))
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)
