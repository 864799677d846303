"""Whoever balances the load is told what is down, and so is whoever reads the answer."""

from dataclasses import replace

import pytest

from guideapi.app import create_app
from guideapi.config import Config
from kit.db import close_connections

# Port 1 answers nobody.
NOWHERE = {
    "database": {"database_url": "postgresql://127.0.0.1:1/none"},
    "redis": {"redis_url": "redis://127.0.0.1:1/0"},
}


@pytest.mark.parametrize("part", NOWHERE)
def test_part_that_is_down_is_named(part: str, config: Config) -> None:
    app = create_app(replace(config, **NOWHERE[part]))
    answer = app.test_client().get("/readyz")
    with app.app_context():
        close_connections()
    assert (answer.status_code, answer.json) == (503, {"status": "down", "down": [part]})


def test_ready_when_everything_answers(config: Config) -> None:
    app = create_app(config)
    answer = app.test_client().get("/readyz")
    with app.app_context():
        close_connections()
    assert (answer.status_code, answer.json) == (200, {"status": "ok", "down": []})
