"""What an operator watches: what waits, what failed, what is owed."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy.exc import OperationalError

from guideapi import work_figures
from guideapi.app import GuideApp
from kit import clock, jobs
from kit.db import db, unit_of_work
from kit.jobs import enqueue
from models import Staff, Store
from performance.service import note_changes
from tests import make
from tests.client import Client
from tests.kit import test_dead_letters as failing

TOKEN = "figures-figures-figures"


@pytest.fixture(autouse=True)
def metrics_token(app: GuideApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "METRICS_TOKEN", TOKEN)


def figures(client: Client) -> dict[str, float]:
    answer = client.with_token(TOKEN).get("/metrics")
    assert answer.status_code == 200
    lines = [line for line in answer.text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def test_what_waits_and_for_how_long(app: GuideApp, client: Client) -> None:
    with time_machine.travel(clock.now() - timedelta(minutes=5)):
        enqueue("commissions.jobs:sweep_orders")
    enqueue("commissions.jobs:sweep_orders")
    told = figures(client)
    assert told['guideapi_queue_jobs{queue="bulk"}'] == 2
    assert 300 <= told['guideapi_queue_oldest_seconds{queue="bulk"}'] < 400
    assert told['guideapi_queue_jobs{queue="urgent"}'] == told['guideapi_queue_oldest_seconds{queue="urgent"}'] == 0


def test_attempts_failures_and_dead_letters(app: GuideApp, client: Client) -> None:
    failing.broken.add("b")
    for item in "ab":
        enqueue(failing.handle, item=item)
    failing.work()
    told = figures(client)
    name = '{job="tests.kit.test_dead_letters:handle"}'
    assert (told["guideapi_job_attempts_total" + name], told["guideapi_job_failures_total" + name]) == (2, 1)
    assert told["guideapi_dead_letters"] == 1


def test_orders_and_days_owed(app: GuideApp, client: Client, guide: Staff) -> None:
    make.order(store=db.session.get_one(Store, guide.store_id), served_by=guide)
    with unit_of_work():
        note_changes(now=clock.now())
    told = figures(client)
    assert (told["guideapi_orders_owed"], told["guideapi_stale_days"]) == (1, 1)
    jobs.perform("commissions.jobs:post_changed_orders", {})
    assert figures(client)["guideapi_orders_owed"] == 0


def test_what_cannot_be_told_is_left_out(app: GuideApp, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(**_: object) -> int:
        raise OperationalError("x", None, Exception())

    monkeypatch.setattr(work_figures.commissions, "count_owed_orders", away)
    told = figures(client)
    assert "guideapi_orders_owed" not in told
    assert "guideapi_dead_letters" in told
