"""Jobs a second through two real worker processes, in turn with two plain RQ workers that do nothing.

Our job is a real one that finds nothing to do: it opens a unit of work, asks the database once, and commits.
"""

import sys
import time
from collections.abc import Callable
from contextlib import ExitStack

from redis import Redis
from rq import Queue
from rq.registry import StartedJobRegistry

from benchmarks import bare_worker
from benchmarks.house import GUIDEAPI
from benchmarks.results import Result, paired
from benchmarks.stage import Stage
from guideapi.app import GuideApp
from kit import jobs
from kit.db import unit_of_work

JOB = "commissions.jobs:post_changed_orders"
QUEUE = "default"
WORKERS = 2
JOBS = 150
ROUNDS = 3
POLL_SECONDS = 0.01
PATIENCE_SECONDS = 120
# Restoring the application's context, one transaction and one query may double what a job costs, no more.
AT_LEAST = 0.5


def measure(stage: Stage) -> list[Result]:
    """Seconds from the first push to the last job's end, of both, in turn."""
    redis_url = stage.house.environment["REDIS_URL"]
    bare_command = (sys.executable, "-m", "benchmarks.bare_worker", redis_url)
    app = stage.house.app()
    with ExitStack() as stack:
        redis = stack.enter_context(Redis.from_url(redis_url))
        for number in range(WORKERS):
            stack.enter_context(stage.house.process(f"worker-{number}", (*GUIDEAPI, "worker")))
            stack.enter_context(stage.house.process(f"bare-worker-{number}", bare_command))
        # The first jobs find the workers still starting.
        _rates(app, redis, count=WORKERS)
        count, rounds = (20, 1) if stage.quick else (JOBS, ROUNDS)
        pairs = [_rates(app, redis, count=count) for _ in range(rounds)]
    return [
        paired(
            name=f"{JOB} through {WORKERS} workers",
            unit="jobs/s",
            pairs=pairs,
            peer="plain RQ, empty function",
            at_least=AT_LEAST,
        )
    ]


def _rates(app: GuideApp, redis: Redis, *, count: int) -> tuple[float, float]:
    bare = Queue(bare_worker.QUEUE, connection=redis)
    return (
        count / _seconds(lambda: _push_ours(app, count), Queue(QUEUE, connection=redis)),
        count / _seconds(lambda: _push_bare(bare, count), bare),
    )


def _push_ours(app: GuideApp, count: int) -> None:
    with app.app_context(), unit_of_work():
        for _ in range(count):
            jobs.enqueue(JOB)


def _push_bare(queue: Queue, count: int) -> None:
    for _ in range(count):
        queue.enqueue(bare_worker.nothing, job_timeout=jobs.JOB_TIMEOUT_SECONDS, result_ttl=0)


def _seconds(push: Callable[[], None], queue: Queue) -> float:
    """How long until all that was pushed has been done."""
    began = time.perf_counter()
    push()
    while len(queue) or StartedJobRegistry(queue=queue).get_job_count():
        if time.perf_counter() - began > PATIENCE_SECONDS:
            raise RuntimeError(f"{len(queue)} jobs of queue {queue.name} are still waiting")
        time.sleep(POLL_SECONDS)
    if failed := queue.failed_job_registry.count:
        raise RuntimeError(f"{failed} jobs failed")
    return time.perf_counter() - began
