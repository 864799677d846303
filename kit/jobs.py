"""Background work, and the only owner of RQ.

A job is declared beside its function, takes ids and ISO dates, and may run twice or die half-way at no harm. A queued
job is never the only record that work is owed.
"""

import contextlib
import inspect
import logging
import pkgutil
import re
import time
from collections.abc import Callable
from typing import Any, Literal, NamedTuple, TypeVar

from flask import current_app
from redis import Redis
from rq import Queue, Retry
from rq.exceptions import DuplicateJobError

from kit import audit
from kit.db import after_commit, unit_of_work

log = logging.getLogger(__name__)

# In the order workers serve them: what a person waits for, what keeps figures fresh, what may take its time.
QUEUES = ("urgent", "default", "bulk")
JOB_TIMEOUT_SECONDS = 900
# How long to wait before each further attempt.
BACK_OFF_SECONDS = (5, 30, 120)
# What recurs so soon needs no further attempt: the next run is one.
SOON_SECONDS = 300
FAILED_ONCE_SECONDS = 300
FAILED_SECONDS = 7 * 24 * 3600

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
        Queue(wanted.queue, connection=current_app.extensions["queues"]).enqueue(
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
    with current_app.app_context():
        audit.act_as(kind=name)
        with unit_of_work() if wanted.units == "one" else contextlib.nullcontext():
            wanted.function(**arguments)
    log.info("job %s done in %d ms", name, (time.perf_counter() - started) * 1000)
