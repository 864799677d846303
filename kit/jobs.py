"""Background work, and the only owner of RQ.

A job is named `room.jobs:function`, takes ids and ISO dates, is one unit of work, and may run twice or die
half-way at no harm. A queued job is never the only record that work is owed.
"""

import logging
import pkgutil
import re
import time
from typing import Any

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
FAILED_ONCE_SECONDS = 300
RETRY = Retry(max=3, interval=[5, 30, 120])

Argument = str | int


def connection() -> Redis:
    """The application's connection to Redis."""
    redis: Redis = current_app.extensions["redis"]
    return redis


def enqueue(name: str, *, queue: str = "default", once_key: str | None = None, **arguments: Argument) -> None:
    """Run `room.jobs:function` in a worker once the current unit of work has committed.

    With `once_key`, a job of that key that is still waiting or running is not queued a second time.
    """
    pkgutil.resolve_name(name)  # a typo fails here, not at 3 a.m.
    after_commit(lambda: _push(name, queue=queue, once_key=once_key, arguments=arguments))


def _push(name: str, *, queue: str, once_key: str | None, arguments: dict[str, Argument]) -> None:
    options: dict[str, Any] = {}
    if once_key:
        # A failed job keeps its id for a while: the sweep that finds the work still owed then waits that long.
        job_id = re.sub(r"[^A-Za-z0-9_-]", "_", f"{name}-{once_key}")
        options = {"job_id": job_id, "unique": True, "failure_ttl": FAILED_ONCE_SECONDS}
    try:
        Queue(queue, connection=current_app.extensions["queues"]).enqueue(
            perform, name, arguments, retry=RETRY, job_timeout=JOB_TIMEOUT_SECONDS, result_ttl=0, **options
        )
    except DuplicateJobError:
        log.debug("job %s is already queued", name)


def perform(name: str, arguments: dict[str, Argument]) -> None:
    """What a worker calls: one job is one unit of work."""
    job = pkgutil.resolve_name(name)
    started = time.perf_counter()
    with current_app.app_context(), unit_of_work():
        audit.act_as(kind=name)
        job(**arguments)
    log.info("job %s done in %d ms", name, (time.perf_counter() - started) * 1000)
