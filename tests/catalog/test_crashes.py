"""Imports whose workers die."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psutil
import pytest
import time_machine
from sqlalchemy import text

from catalog import service
from catalog.formats.pieces import BadRow
from catalog.service import judging
from guideapi.app import GuideApp
from guideapi.config import Config
from kit import clock, jobs
from kit.db import db, unit_of_work
from kit.words import say
from models import Source
from tests.catalog.read import catalog
from tests.catalog.sending import counts, lines, work
from tests.client import Client

ROOT = Path(__file__).parent.parent.parent


def test_a_worker_killed_while_applying_loses_nothing(
    app: GuideApp, config: Config, as_catalog: Client, source: Source
) -> None:
    """kill -9 of a real worker process between two blocks; another takes the run on, and the sweep finds it."""
    answer = as_catalog.post(f"/v1/sources/{source.code}/imports", data=lines(60_000))
    run_path = f"/v1/sync-runs/{answer.json['id']}"
    worker = _worker_process(config)
    try:
        seen = _poll(lambda: as_catalog.get(run_path).json, lambda run: run["applied"] > 0 or run["state"] == "done")
    finally:
        for process in [*psutil.Process(worker.pid).children(recursive=True), worker]:
            process.kill()
        worker.wait()
    assert seen["state"] == "applying"
    assert 0 < len(catalog()) < 60_000
    later = clock.now() + timedelta(minutes=5)
    with unit_of_work():
        service.resume_stalled(now=later)
    # What the dead worker held is given up by RQ only later; this one runs what the sweep would queue.
    jobs.perform("catalog.jobs:run_import", {"run_id": answer.json["id"]})
    done = as_catalog.get(run_path).json
    assert (done["state"], counts(done), done["applied"]) == ("done", {"created": 60_000}, 60_000)
    assert len(catalog()) == 60_000


def _worker_process(config: Config) -> "subprocess.Popen[bytes]":
    environment = {
        "DATABASE_URL": config.database_url,
        "REDIS_URL": config.redis_url,
        "SECRET_KEY": config.secret_key,
        "STORAGE_URL": config.storage_url,
        "LOG_LEVEL": "ERROR",
        "PATH": os.environ["PATH"],
    }
    return subprocess.Popen([sys.executable, "-m", "guideapi", "worker", "--burst"], env=environment, cwd=ROOT)


def _poll(look: Callable[[], dict[str, Any]], enough: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    deadline = time.monotonic() + 60
    while not enough(seen := look()):
        assert time.monotonic() < deadline, seen
        time.sleep(0.01)
    return seen


def test_a_killed_reader_reads_again_from_the_start(as_catalog: Client, source: Source) -> None:
    answer = as_catalog.post(f"/v1/sources/{source.code}/imports", data=lines(10))
    run_id = UUID(answer.json["id"])
    with unit_of_work():
        first = service.take_on(run_id)
        assert first is not None
        service.store_block(first, [BadRow(line_no=1, said=say("file_empty"))])
    jobs.perform("catalog.jobs:run_import", {"run_id": str(run_id)})
    run = as_catalog.get(f"/v1/sync-runs/{run_id}").json
    assert (run["state"], counts(run)) == ("done", {"created": 10})
    with pytest.raises(service.Superseded), unit_of_work():
        service.store_block(first, [])


def test_the_sweep_queues_what_nobody_carries_on(as_catalog: Client, source: Source, app: GuideApp) -> None:
    answer = as_catalog.post(f"/v1/sources/{source.code}/imports", data=lines(3))
    app.extensions["redis"].flushall()
    with time_machine.travel(clock.now() + timedelta(minutes=2)):
        jobs.perform("catalog.jobs:resume_imports", {})
    work()
    assert as_catalog.get(f"/v1/sync-runs/{answer.json['id']}").json["state"] == "done"


def test_a_staging_table_that_a_crash_emptied_takes_nothing_down(
    as_catalog: Client, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is unlogged: after a crash of the database the rest of a snapshot would seem to be missing."""
    monkeypatch.setattr(judging, "BLOCK_ITEMS", 40)
    answer = as_catalog.post(f"/v1/sources/{source.code}/imports?mode=snapshot", data=lines(100))
    run_id = answer.json["id"]
    apply_block = service.apply_block

    def crash(*_: object) -> bool:
        raise ConnectionError

    monkeypatch.setattr(service, "apply_block", lambda *of: apply_block(*of) if not catalog() else crash())
    with pytest.raises(ConnectionError):
        jobs.perform("catalog.jobs:run_import", {"run_id": run_id})
    assert len(catalog()) == 40
    with unit_of_work():
        db.session.execute(text("TRUNCATE sync_item"))
    monkeypatch.setattr(service, "apply_block", apply_block)
    jobs.perform("catalog.jobs:run_import", {"run_id": run_id})
    run = as_catalog.get(f"/v1/sync-runs/{run_id}").json
    assert (run["state"], counts(run)) == ("done", {"created": 60, "unchanged": 40})
    assert {product["shelf_status"] for product in catalog()} == {"on_shelf"}
