"""Whoever balances the load is told what is down, and so is whoever reads the answer."""

from dataclasses import replace
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from guideapi.app import create_app
from guideapi.config import Config
from kit.db import close_connections

# Port 1 answers nobody.
NO_DATABASE = {"database_url": "postgresql://127.0.0.1:1/none"}
NO_REDIS = {"redis_url": "redis://127.0.0.1:1/0"}


def ask(config: Config, path: str, token: str | None = None) -> TestResponse:
    app = create_app(config)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = app.test_client().get(path, headers=headers)
    with app.app_context():
        close_connections()
    return answer


def test_without_its_database_it_is_not_ready(config: Config) -> None:
    answer = ask(replace(config, **NO_DATABASE), "/readyz")
    assert (answer.status_code, answer.json) == (503, {"status": "down", "down": ["database"], "degraded": []})


def test_without_redis_it_is_ready_and_says_so(config: Config) -> None:
    answer = ask(replace(config, **NO_REDIS), "/readyz")
    assert (answer.status_code, answer.json) == (200, {"status": "degraded", "down": [], "degraded": ["redis"]})


def test_ready_when_everything_answers(config: Config) -> None:
    answer = ask(config, "/readyz")
    assert (answer.status_code, answer.json) == (200, {"status": "ok", "down": [], "degraded": []})


def test_files_that_can_not_be_written_degrade_it(config: Config, tmp_path: Path) -> None:
    app = create_app(replace(config, storage_url=(tmp_path / "files").as_uri()))
    (tmp_path / "files").rmdir()
    (tmp_path / "files").write_text("no folder")
    answer = app.test_client().get("/readyz")
    with app.app_context():
        close_connections()
    assert (answer.status_code, answer.json) == (200, {"status": "degraded", "down": [], "degraded": ["storage"]})


@pytest.mark.parametrize(
    ("configured", "given", "status"),
    [
        (None, None, 401),
        (None, "guess", 401),
        ("figures", None, 401),
        ("figures", "guess", 401),
        ("figures", "figures", 200),
    ],
)
def test_figures_are_for_who_has_the_token(
    config: Config, configured: str | None, given: str | None, status: int
) -> None:
    answer = ask(replace(config, metrics_token=configured), "/metrics", given)
    assert answer.status_code == status
    assert ("guideapi_requests_total" in answer.text) == (status == 200)
