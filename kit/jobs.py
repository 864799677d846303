"""Background work, and the only owner of RQ.

A job is declared beside its function, takes ids and ISO dates, and may run twice or die half-way at no harm. A queued
job is never the only record that work is owed. What failed at its last attempt is told by `list_failed`, from where it
becomes a dead letter (kit/dead_letters.py).
"""

import contextlib
import inspect
import logging
import pkgutil
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple, TypeVar, cast

from flask import current_app
from redis import Redis, RedisError
from rq import Queue, Retry
from rq.exceptions import DuplicateJobError
from rq.job import Job as QueuedJob
from rq.timeouts import JobTimeoutException

from kit import audit, clock
from kit.db import LONGEST_TRANSACTION, after_commit, unit_of_work

log = logging.getLogger(__name__)

# What a job gets that runs for longer than it may.
TimeIsUp = JobTimeoutException

# In the order workers serve them: what a person waits for, what keeps figures fresh, what may take its time.
QUEUES = ("urgent", "default", "bulk")
JOB_TIMEOUT_SECONDS = int(LONGEST_TRANSACTION.total_seconds())
# How long to wait before each further attempt.
BACK_OFF_SECONDS = (5, 30, 120)
# What recurs so soon needs no further attempt: the next run is one.
SOON_SECONDS = 300
FAILED_ONCE_SECONDS = 300
FAILED_SECONDS = 7 * 24 * 3600
ATTEMPTS, FAILURES = "guideapi:job-attempts", "guideapi:job-failures"

Argument = str | int
Units = Literal["one", "own"]
Function = TypeVar("Function", bound=Callable[..., None])


class Job(NamedTuple):
    """A function that runs in the background, and how: see `job`."""

    name: str
    function: Callable[..., None]
    queue: str
    units: Units
    every: int | None
    cron: str | None
    back_off: tuple[int, ...]


class FailedJob(NamedTuple):
    """A job that failed at its last attempt; `traceback` is as Python writes it."""

    id: str
    name: str
    arguments: dict[str, Argument]
    attempts: int
    failed_at: datetime
    traceback: str
    is_kept: bool


@dataclass(frozen=True, kw_only=True)
class QueueFigures:
    """How many jobs wait in a queue, and for how long the first of them does."""

    waiting: int
    oldest_seconds: float


# Every job of the modules that were imported, by its name.
JOBS: dict[str, Job] = {}


def job(
    *,
    queue: str,
    units: Units,
    every: int | None = None,
    cron: str | None = None,
    back_off: tuple[int, ...] | None = None,
) -> Callable[[Function], Function]:
    """Declare the function as a job of `queue`, in "one" unit of work or opening its "own".

    It recurs `every` so many seconds, or at a `cron` line in UTC. It is tried again after each of the seconds of
    `back_off`; without it, after BACK_OFF_SECONDS, or not at all where it recurs within SOON_SECONDS.
    """
    if back_off is None:
        back_off = () if every and every <= SOON_SECONDS else BACK_OFF_SECONDS

    def declare(function: Function) -> Function:
        name = f"{function.__module__}:{function.__name__}"
        JOBS[name] = Job(name, function, queue, units, every, cron, back_off)
        return function

    return declare


def find_job(name: str) -> Job:
    """The job `module:function`; raises AttributeError, ImportError or KeyError where none was declared."""
    pkgutil.resolve_name(name)
    return JOBS[name]


def connection() -> Redis:
    """The application's connection to Redis."""
    redis: Redis = current_app.extensions["redis"]
    return redis


def _impatient() -> Redis:
    # A request must not wait for a Redis that is away.
    redis: Redis = current_app.extensions["queues"]
    return redis


def enqueue(work: Callable[..., None] | str, *, once_key: str | None = None, **arguments: Argument) -> None:
    """Run a job (its function, or `module:function`) in a worker once the current unit of work has committed.

    With `once_key`, a job of that key that is still waiting or running is not queued a second time. Raises TypeError
    where the function does not take these arguments.
    """
    wanted = find_job(work if isinstance(work, str) else f"{work.__module__}:{work.__name__}")
    inspect.signature(wanted.function).bind(**arguments)
    after_commit(lambda: push(wanted, arguments, once_key=once_key))


def push(wanted: Job, arguments: dict[str, Argument], *, once_key: str | None = None) -> None:
    """Queue the job now; what recurs within minutes is of no use once its next run is due."""
    options: dict[str, Any] = {"failure_ttl": FAILED_SECONDS}
    if once_key:
        # A failed job keeps its id for a while: the sweep that finds the work still owed then waits that long.
        job_id = re.sub(r"[^A-Za-z0-9_-]", "_", f"{wanted.name}-{once_key}")
        options = {"job_id": job_id, "unique": True, "failure_ttl": FAILED_ONCE_SECONDS}
    try:
        Queue(wanted.queue, connection=_impatient()).enqueue(
            perform,
            wanted.name,
            arguments,
            retry=Retry(max=len(wanted.back_off), interval=list(wanted.back_off)) if wanted.back_off else None,
            job_timeout=JOB_TIMEOUT_SECONDS,
            result_ttl=0,
            ttl=wanted.every,
            **options,
        )
    except DuplicateJobError:
        log.debug("job %s is already queued", wanted.name)


def perform(name: str, arguments: dict[str, Argument]) -> None:
    """What a worker calls: runs the job, in a unit of work if it is to be one."""
    wanted = find_job(name)
    started = time.perf_counter()
    try:
        with current_app.app_context():
            audit.act_as(kind=name)
            with unit_of_work() if wanted.units == "one" else contextlib.nullcontext():
                wanted.function(**arguments)
    except Exception:
        _count(name, ATTEMPTS, FAILURES)
        raise
    _count(name, ATTEMPTS)
    log.info("job %s done in %d ms", name, (time.perf_counter() - started) * 1000)


def _count(name: str, *keys: str) -> None:
    # Figures for operators are not worth a failed job.
    with contextlib.suppress(RedisError), connection().pipeline(transaction=False) as pipeline:
        for key in keys:
            pipeline.hincrby(key, name, 1)
        pipeline.execute()


def list_failed() -> Iterator[FailedJob]:
    """The jobs that failed at their last attempt, of every queue; those that cannot be read are left where they are."""
    for name in QUEUES:
        queue = Queue(name, connection=connection())
        for job_id in queue.failed_job_registry.get_job_ids():
            found = queue.fetch_job(job_id)
            if found is not None:
                yield from _as_failed(found)


def _as_failed(found: QueuedJob) -> Iterator[FailedJob]:
    try:
        name, arguments = found.args
    except Exception:
        log.exception("the failed job %s cannot be read", found.id)
        return
    result = found.latest_result()
    yield FailedJob(
        id=found.id,
        name=name,
        arguments=arguments,
        attempts=(found.number_of_retries or 0) + 1,
        failed_at=found.ended_at or found.started_at or found.enqueued_at or clock.now(),
        traceback=result.exc_string or "" if result else "",
        is_kept=found.failure_ttl == FAILED_ONCE_SECONDS,
    )


def forget_failed(failed: FailedJob) -> None:
    """Take away a job that `list_failed` told of; one queued with a `once_key` goes by itself, when that is over."""
    if not failed.is_kept:
        QueuedJob.fetch(failed.id, connection=connection()).delete()


def queue_figures() -> dict[str, QueueFigures]:
    """What waits now, by queue."""
    return {name: _figures(Queue(name, connection=_impatient())) for name in QUEUES}


def _figures(queue: Queue) -> QueueFigures:
    first = next(iter(queue.get_jobs(0, 1)), None)
    waited = (clock.now() - first.enqueued_at).total_seconds() if first and first.enqueued_at else 0.0
    return QueueFigures(waiting=queue.count, oldest_seconds=max(waited, 0.0))


def count_attempts() -> tuple[dict[str, int], dict[str, int]]:
    """How many attempts at each job ended, and how many of them failed, since Redis was emptied last."""
    with _impatient().pipeline(transaction=False) as pipeline:
        pipeline.hgetall(ATTEMPTS)
        pipeline.hgetall(FAILURES)
        attempts, failures = (cast(dict[bytes, bytes], counts) for counts in pipeline.execute())
    return _as_counts(attempts), _as_counts(failures)


def _as_counts(counts: dict[bytes, bytes]) -> dict[str, int]:
    return {name.decode(): int(count) for name, count in counts.items()}
