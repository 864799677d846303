"""What a source may have kept, and imports that are given up: while they are read or applied, or for good."""

import threading
from typing import Any

import pytest
from sqlalchemy import func, select, update

from catalog import service
from catalog.service import applying, imports, judging, quotas
from kit import clock, jobs
from kit.db import db, unit_of_work
from models import Source, SyncReject, SyncRun
from tests.catalog.read import catalog
from tests.catalog.sending import lines, work
from tests.client import Client


def send(client: Client, source: Source, content: bytes) -> Any:
    return client.post(f"/v1/sources/{source.code}/imports", data=content)


def test_a_source_has_so_many_imports_at_a_time(
    as_catalog: Client, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quotas, "MAX_LIVE_RUNS", 2)
    runs = [send(as_catalog, source, lines(1)).json["id"] for _ in range(2)]
    answer = send(as_catalog, source, lines(1))
    assert (answer.status_code, answer.json["code"]) == (409, "too_many_imports")
    as_catalog.post(f"/v1/sync-runs/{runs[0]}/cancel")
    assert send(as_catalog, source, lines(1)).status_code == 202


@pytest.mark.parametrize(("setting", "most"), [("MAX_DAY_FILES", 1), ("MAX_DAY_BYTES", 300)])
def test_a_source_may_send_so_much_in_a_day(
    as_catalog: Client, source: Source, monkeypatch: pytest.MonkeyPatch, setting: str, most: int
) -> None:
    monkeypatch.setattr(quotas, setting, most)
    assert send(as_catalog, source, lines(1)).status_code == 202
    answer = send(as_catalog, source, lines(1))
    assert (answer.status_code, answer.json["code"]) == (429, "upload_quota_reached")
    assert "Retry-After" in answer.headers


def test_of_rejected_rows_the_newest_are_kept(
    integrator: Client, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quotas, "MAX_REJECTS_KEPT", 5)
    for batch in range(3):
        items = [{"external_id": f"B{batch}-{n}"} for n in range(3)]
        integrator.post(f"/v1/sources/{source.code}/products", json={"items": items})
    assert db.session.scalar(select(func.count()).select_from(SyncReject)) == 5
    raw = db.session.scalars(select(SyncReject.raw).order_by(SyncReject.id)).all()
    assert ["B2-2" in str(one) for one in raw][-1]
    assert not any("B0" in str(one) for one in raw)


def test_an_import_that_is_applied_stops_at_a_cancel(
    as_catalog: Client, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is in by then stays, and nothing more comes in; a snapshot takes nothing down."""
    monkeypatch.setattr(judging, "BLOCK_ITEMS", 20)
    run_id = send(as_catalog, source, lines(100)).json["id"]
    merge, merged = applying.merge, []

    def cancelling(**arguments: Any) -> None:
        merged.append(1)
        if len(merged) == 3:
            answers: list[Any] = []
            other = threading.Thread(target=lambda: answers.append(as_catalog.post(f"/v1/sync-runs/{run_id}/cancel")))
            other.start()
            other.join()
            assert answers[0].status_code == 200
        merge(**arguments)

    monkeypatch.setattr(applying, "merge", cancelling)
    jobs.perform("catalog.jobs:run_import", {"run_id": run_id})
    run = as_catalog.get(f"/v1/sync-runs/{run_id}").json
    assert (run["state"], run["applied"], len(merged)) == ("cancelled", 40, 3)
    assert len(catalog()) == 40
    assert as_catalog.post(f"/v1/sync-runs/{run_id}/cancel").json["code"] == "import_under_way"


def test_a_file_that_reading_breaks_at_is_given_up(as_catalog: Client, source: Source) -> None:
    run_id = send(as_catalog, source, lines(1)).json["id"]
    with unit_of_work():
        stuck = {"state": "reading", "attempt": imports.MAX_ATTEMPTS, "updated_at": clock.now()}
        db.session.execute(update(SyncRun).values(stuck))
    work()
    run = as_catalog.get(f"/v1/sync-runs/{run_id}").json
    assert (run["state"], run["problem_code"]) == ("failed", "given_up")
    with unit_of_work():
        assert service.take_on(db.session.scalars(select(SyncRun.id)).one()) is None
