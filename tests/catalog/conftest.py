"""What the catalog tests share."""

from typing import Any

import pytest

from catalog.service import judging
from kit.db import db
from models import Source, Staff, Store
from tests import make
from tests.catalog.sending import Send, work
from tests.client import Client


@pytest.fixture
def source(app: object) -> Source:
    return make.source()


@pytest.fixture
def as_catalog(client: Client) -> Client:
    """Head office's keeper of the catalog, signed in over HTTP."""
    return client.sign_in(make.staff(roles=["hq_catalog"]))


@pytest.fixture
def store_code(guide: Staff) -> str:
    """The code of the guide's store."""
    return db.session.get_one(Store, guide.store_id).code


@pytest.fixture
def send(as_catalog: Client) -> Send:
    def send_file(source: Source, content: str, **query: Any) -> dict[str, Any]:
        answer = as_catalog.post(f"/v1/sources/{source.code}/imports", data=content, query_string=query)
        assert answer.status_code == 202, answer.text
        work()
        run: dict[str, Any] = as_catalog.get(f"/v1/sync-runs/{answer.json['id']}").json
        assert run["state"] == "done", run
        return run

    return send_file


@pytest.fixture(params=[20_000, 1])
def block(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """All of a file at once, and product by product."""
    monkeypatch.setattr(judging, "BLOCK_ITEMS", request.param)
    return request.param
