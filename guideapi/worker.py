"""The processes beside the API that run jobs."""

import contextlib
import gc

from rq import Worker
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import configure_mappers

# Every job's module, so that no child imports it anew.
import guideapi.registry  # noqa: F401
from guideapi.app import GuideApp
from kit import jobs
from kit.db import close_connections, db


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
