"""With Valkey gone the chain goes on selling: a real one is stopped under a running application."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from guideapi.app import GuideApp, create_app
from guideapi.config import RATES_PER_MINUTE, Config
from guideapi.embedded import EmbeddedValkey
from kit import jobs
from kit.db import close_connections, db, unit_of_work
from kit.ids import new_id
from models import Brand
from tests import make
from tests.client import Client


@pytest.fixture
def bereft(app: GuideApp, config: Config, tmp_path: Path) -> Iterator[Client]:
    """Nobody in particular, at an application whose Valkey has answered and is then stopped."""
    limits = {kind: int(number) for kind, number in (pair.split("=") for pair in RATES_PER_MINUTE.split())}
    with EmbeddedValkey.start(tmp_path / "valkey", durable=False) as valkey:
        own = create_app(replace(config, redis_url=valkey.url, rates_per_minute=limits))
        client = Client(own)
        assert client.get("/readyz").json["degraded"] == []
        assert client.get("/v1/auth/oidc/start").headers["RateLimit-Limit"]
    yield client
    with own.app_context():
        close_connections()


def test_people_sign_in_and_work(bereft: Client) -> None:
    guide = make.guide()
    assert bereft.post("/v1/auth/token", json={"staff_no": guide.staff_no, "password": "wrong"}).status_code == 401
    as_guide = bereft.sign_in(guide)
    for path in ("/v1/me", "/v1/tasks", "/v1/products"):
        assert as_guide.get(path).status_code == 200, path
    assert bereft.get("/readyz").json == {"status": "degraded", "down": [], "degraded": ["redis"]}


def test_what_is_written_stays_though_its_job_is_not_queued(bereft: Client, caplog: pytest.LogCaptureFixture) -> None:
    kept = new_id()
    with bereft.app.app_context(), unit_of_work():
        db.session.add(Brand(id=kept, name="KEPT"))
        jobs.enqueue("commissions.jobs:post_changed_orders")
    assert "after-commit callback failed" in caplog.text
    assert db.session.get(Brand, kept) is not None
