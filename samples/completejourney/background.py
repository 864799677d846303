"""The stages that jobs do, in worker processes of their own."""

import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from sqlalchemy import func, select

from commissions import jobs as commission_jobs
from commissions import queries as commission_queries
from kit import clock
from kit.db import db, unit_of_work
from models import GuideDay, LedgerEntry
from performance import jobs as performance_jobs
from performance import queries as performance_queries
from samples.completejourney.stages import Recorder

WORKERS = 2
POLL_SECONDS = 0.5
LOG = Path(tempfile.gettempdir()) / "guideapi-load-workers.log"
WORKER = (sys.executable, "-m", "guideapi", "worker", "--burst")


class JobsFailed(RuntimeError):
    """The workers stopped, and work is left: their log says why."""


def post_commissions(recorder: Recorder) -> None:
    """Post whatever is owed, one job per business day; its rows are ledger entries."""
    _do_by_jobs(
        recorder,
        "commissions",
        queue=commission_jobs.sweep_orders,
        days_left=lambda: len(commission_queries.list_days_owed()),
        table=LedgerEntry,
    )


def compute_figures(recorder: Recorder) -> None:
    """Compute the figures of every day whose facts changed, one job per day; its rows are figures of guides."""
    # Days fall due once more some minutes after they changed; that is not this load's work.
    begun = clock.now()
    _do_by_jobs(
        recorder,
        "performance",
        queue=performance_jobs.close_stale_days,
        days_left=lambda: len(performance_queries.list_stale_days(now=begun)),
        table=GuideDay,
    )


def _do_by_jobs(
    recorder: Recorder,
    name: str,
    *,
    queue: Callable[[], None],
    days_left: Callable[[], int],
    table: type[LedgerEntry] | type[GuideDay],
) -> None:
    before = _count(table)
    with unit_of_work():
        queue()
        left = days_left()
    with recorder.stage(name, total=left) as tally:
        for _ in _while_workers_run() if left else ():
            with unit_of_work():
                now_left = days_left()
            tally.add(left - now_left, Counter())
            left = now_left
        if left:
            raise JobsFailed(f"{name}: {left} days are left undone, see {LOG}")
        tally.rows = _count(table) - before
        tally.outcomes["written"] = tally.rows


def _count(table: type[LedgerEntry] | type[GuideDay]) -> int:
    with unit_of_work():
        return db.session.scalar(select(func.count()).select_from(table)) or 0


def _while_workers_run() -> Iterator[None]:
    """Start WORKERS processes that end when the queues are empty; yields now and then, and once after the end."""
    with LOG.open("ab") as log:
        workers = [subprocess.Popen(WORKER, stdout=log, stderr=log) for _ in range(WORKERS)]
    try:
        while any(worker.poll() is None for worker in workers):
            yield
            time.sleep(POLL_SECONDS)
        yield
    finally:
        for worker in workers:
            worker.terminate()
            worker.wait()
