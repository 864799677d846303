"""The processes beside the API: workers that run jobs, and the one scheduler that queues recurring ones."""

import contextlib
import gc
import logging

from redis import Redis
from redis.client import Pipeline
from redis.exceptions import LockError
from redis.lock import Lock
from rq import Worker
from rq.cron import CronJob, CronScheduler
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import configure_mappers

from guideapi.app import GuideApp
from guideapi.schedule import SCHEDULE
from kit import jobs
from kit.db import close_connections, db

LEADER_SECONDS = 90
STANDBY_SECONDS = 5
log = logging.getLogger(__name__)


def run_worker(app: GuideApp, *, burst: bool = False) -> None:
    """Run jobs of every queue until told to stop, or with `burst` until the queues are empty.

    The intervals bound how long the job of a worker that was killed stays lost (docs/operations.md).
    """
    with app.app_context():
        _prepare_for_children()
        worker = Worker(
            list(jobs.QUEUES),
            connection=jobs.connection(),
            worker_ttl=20,
            maintenance_interval=5,
            job_monitoring_interval=5,
        )
        worker.work(burst=burst, with_scheduler=not burst, logging_level="WARNING")


def _prepare_for_children() -> None:
    """Do once what the process of every job would do anew: settle the mappings, learn which PostgreSQL answers."""
    configure_mappers()
    # A database that is away is the first job's affair, which is tried again.
    with contextlib.suppress(OperationalError):
        db.engine.connect().close()
    # Children must not share a socket.
    close_connections()
    # What stays is not searched for garbage again, and its memory stays shared with the children.
    gc.collect()
    gc.freeze()


def run_scheduler(app: GuideApp) -> None:
    """Queue the recurring jobs of `SCHEDULE` while holding the leader's lock; any number may stand by."""
    with app.app_context():
        scheduler = LeaderScheduler(jobs.connection())
        for entry in SCHEDULE:
            scheduler.register(
                jobs.perform,
                queue_name=entry.queue,
                args=(entry.job, {}),
                name=entry.job,
                interval=entry.seconds,
                cron=entry.cron,
                job_timeout=jobs.JOB_TIMEOUT_SECONDS,
                result_ttl=0,
                ttl=entry.seconds,
            )
        scheduler.start()  # type: ignore[no-untyped-call]


class LeaderScheduler(CronScheduler):
    """RQ's scheduler has no leader; this one queues nothing unless it holds a lock that expires with it."""

    def __init__(self, connection: Redis) -> None:
        super().__init__(connection=connection, logging_level="WARNING")
        self.lock = Lock(self.connection, "guideapi:scheduler", timeout=LEADER_SECONDS, blocking=False)

    def enqueue_jobs(self) -> list[CronJob]:
        return super().enqueue_jobs() if self.leads() else []

    def calculate_sleep_interval(self) -> float:
        return float(super().calculate_sleep_interval()) or (0 if self.leads() else STANDBY_SECONDS)

    def leads(self) -> bool:
        """Whether this process holds the lock now, taking or prolonging it if it can."""
        try:
            return bool(self.lock.reacquire() if self.lock.owned() else self.lock.acquire())
        except LockError:
            return False

    def register_death(self, pipeline: Pipeline | None = None) -> None:
        super().register_death(pipeline)
        if self.lock.owned():
            self.lock.release()
