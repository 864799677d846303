"""The one process that queues the recurring jobs, at their times in UTC; any number may stand by to take over.

Who leads holds a lock in Redis that is gone LEADER_SECONDS after its holder. When each job was queued last stands in
Redis, too: who takes over goes on from there, and what came due in between is queued at once.
"""

import logging
import signal
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import cast

from croniter import croniter
from redis import Redis, RedisError
from redis.exceptions import LockError
from redis.lock import Lock

from guideapi.app import GuideApp
from guideapi.registry import JOBS
from kit import clock, jobs
from kit.jobs import Job

LEADER_SECONDS = 10
TURN_SECONDS = 1
LOCK, LATEST = "guideapi:scheduler", "guideapi:scheduler-latest"
log = logging.getLogger(__name__)


def run_scheduler(app: GuideApp) -> None:
    """Queue the recurring jobs, or stand by for it, until told to stop."""
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with app.app_context():
        scheduler = Scheduler(jobs.connection())
        while not stop.is_set():
            scheduler.take_turn(now=clock.now())
            stop.wait(TURN_SECONDS)
        scheduler.resign()


def next_time(job: Job, after: datetime) -> datetime:
    """When the recurring `job` is due after it was queued at `after`."""
    if job.every is not None:
        return after + timedelta(seconds=job.every)
    due: datetime = croniter(job.cron, after.astimezone(UTC)).get_next(datetime)
    return due


class Scheduler:
    """One that would lead."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._lock = Lock(redis, LOCK, timeout=LEADER_SECONDS, blocking=False)
        self._recurring = {name: job for name, job in JOBS.items() if job.every or job.cron}
        # By the job's name; empty while another one leads.
        self._due: dict[str, datetime] = {}

    def take_turn(self, *, now: datetime) -> None:
        """Queue what is due, if this is the one that leads."""
        try:
            if not self._leads():
                self._due = {}
                return
            self._due = self._due or self._first_times(now)
            for name in [name for name, due in self._due.items() if due <= now]:
                self._queue(self._recurring[name], now)
        except RedisError as error:
            # The next turn tries again.
            log.warning("nothing is scheduled: %s", error)

    def resign(self) -> None:
        """Let another one lead at once."""
        try:
            if self._lock.owned():
                self._lock.release()
        except RedisError as error:
            log.warning("the leader's lock stays for %d s: %s", LEADER_SECONDS, error)

    def _leads(self) -> bool:
        """Whether this one holds the lock, taking or prolonging it if it can."""
        try:
            return bool(self._lock.reacquire() if self._lock.owned() else self._lock.acquire())
        except LockError:
            return False

    def _first_times(self, now: datetime) -> dict[str, datetime]:
        kept = cast(dict[bytes, bytes], self._redis.hgetall(LATEST))
        latest = {name.decode(): datetime.fromtimestamp(float(at), UTC) for name, at in kept.items()}
        # What was never queued is due within its interval at once, or at its first time after now: also for others.
        for name, job in self._recurring.items():
            if name not in latest:
                latest[name] = now - timedelta(seconds=job.every or 0)
                self._redis.hset(LATEST, name, str(latest[name].timestamp()))
        return {name: next_time(job, latest[name]) for name, job in self._recurring.items()}

    def _queue(self, job: Job, now: datetime) -> None:
        jobs.push(job, {})
        self._redis.hset(LATEST, job.name, str(now.timestamp()))
        self._due[job.name] = next_time(job, now)
