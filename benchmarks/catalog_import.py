"""One import of the file it is told, in a process of its own as a worker does it; its answer is JSON on stdout."""

import json
import resource
import sys
from time import perf_counter

from benchmarks import spent
from catalog import jobs, queries, service
from guideapi.app import create_app
from guideapi.config import Config
from kit import clock
from kit.db import unit_of_work


def main() -> None:
    """Send the file and carry its import out; answer seconds, CPU, base and peak memory, and what the run counted."""
    lines = sys.argv[1]
    with create_app(Config.from_env()).app_context():
        with unit_of_work():
            source = queries.get_source("feed")
        base_mb = _peak_mb()
        started, spent_before = perf_counter(), spent.here()
        with open(lines, "rb") as content:
            file = service.store_upload(content)
        with unit_of_work():
            run = service.create_import(source=source, mode="snapshot", dry_run=False, file=file, now=clock.now())
        jobs.run_import(run_id=str(run.id))
        seconds, cpu_seconds = perf_counter() - started, spent.here() - spent_before
        with unit_of_work():
            run = queries.get_run(run.id)
    counted = {name: getattr(run, name) for name in ("created", "updated", "unchanged", "rejected")}
    answer = {
        "seconds": seconds,
        "cpu_seconds": cpu_seconds,
        "base_mb": base_mb,
        "peak_mb": _peak_mb(),
        "run": f"{run.state} {counted}",
    }
    json.dump(answer, sys.stdout)


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
