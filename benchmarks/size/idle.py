"""What recurring jobs cost with nothing to do."""

from collections.abc import Iterator
from datetime import timedelta

from benchmarks.size.asking import Asked
from benchmarks.size.watched import Statement, Watched, watching
from guideapi.registry import JOBS
from guideapi.scheduler import next_time
from kit import clock
from kit.db import db
from kit.jobs import Job, perform

# All recurring jobs together, idle: at most this share of one core.
SHARE = 0.03
TOGETHER = "all, ms of each second"
DAY = timedelta(days=1)


def measure_idle() -> dict[tuple[str, str], Asked]:
    """Each recurring job twice, the first time to settle what is owed; and all of them together, a second of a day."""
    found = {}
    share_ms = 0.0
    with watching(list(db.engines.values())) as watched:
        for job in _recurring():
            for _ in range(2):
                watched.statements.clear()
                perform(job.name, {})
            found["idle", job.name] = _as_asked(job.name, watched)
            share_ms += watched.ms * runs_a_day(job) / DAY.total_seconds()
    together = Watched([Statement(text="", ms=share_ms, buffers=0, nodes=(), plan={})])
    found["idle", TOGETHER] = _as_asked(TOGETHER, together, limit_ms=SHARE * 1000)
    return found


def _recurring() -> Iterator[Job]:
    # Those that call others' servers find none here.
    yield from (job for job in JOBS.values() if job.every or job.cron)


def runs_a_day(job: Job) -> float:
    """How often the recurring job is queued."""
    if job.every:
        return DAY.total_seconds() / job.every
    start = clock.now()
    count, at = 0, start
    while (at := next_time(job, at)) <= start + DAY:
        count += 1
    return count


def _as_asked(name: str, watched: Watched, *, limit_ms: float = float("inf")) -> Asked:
    return Asked(
        line="idle",
        role=name,
        limit_ms=limit_ms,
        ms=watched.ms,
        rows=watched.rows,
        buffers=watched.buffers,
        kept_ms=watched.ms,
        kept_buffers=watched.buffers,
        statements=tuple(watched.statements),
    )
