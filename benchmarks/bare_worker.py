"""A plain RQ worker, of the class and with the intervals of ours: `python -m benchmarks.bare_worker REDIS_URL`."""

import sys

from redis import Redis
from rq import Worker

QUEUE = "bare"


def nothing() -> None:
    """The least that a job can do."""


if __name__ == "__main__":
    worker = Worker(
        [QUEUE],
        connection=Redis.from_url(sys.argv[1]),
        worker_ttl=20,
        maintenance_interval=5,
        job_monitoring_interval=5,
    )
    worker.work(with_scheduler=True, logging_level="WARNING")
