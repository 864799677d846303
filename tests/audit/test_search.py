"""Headquarters searches the log."""

from datetime import timedelta

import pytest

from guideapi.app import GuideApp
from kit import clock
from models import Store
from tests import make
from tests.client import Client


@pytest.fixture
def as_admin(client: Client) -> Client:
    return client.sign_in(make.staff(roles=["hq_admin"]))


def found(client: Client, **search: object) -> list[dict]:
    answer = client.get("/v1/audit", query_string=search)
    assert answer.status_code == 200, answer.text
    return answer.json["items"]


def test_who_did_what_to_one_row(as_admin: Client) -> None:
    region = as_admin.post("/v1/regions", json={"code": "R-9", "name": "华北"})
    (entry,) = found(as_admin, table_name="region", row_id=region.json["id"])
    me = as_admin.get("/v1/me").json
    assert (entry["staff_no"], entry["principal_id"]) == (me["staff_no"], me["id"])
    assert (entry["action"], entry["before"], entry["after"]["name"]) == ("created", None, "华北")
    assert found(as_admin, principal_id=me["id"]) == [entry]
    assert found(as_admin, request_id=region.headers["X-Request-Id"], action="created") == [entry]


def test_pages_hold_every_entry_once_the_latest_first(as_admin: Client) -> None:
    codes = [make.store().code for _ in range(5)]
    seen, cursor = [], {}
    while True:
        answer = as_admin.get("/v1/audit", query_string={"table_name": "store", "limit": 2, **cursor})
        seen += [entry["after"]["code"] for entry in answer.json["items"]]
        if not answer.json["next_cursor"]:
            break
        cursor = {"cursor": answer.json["next_cursor"]}
    assert seen == codes[::-1]


def test_by_time(as_admin: Client, store: Store) -> None:
    now = clock.now()
    hour = timedelta(hours=1)
    assert len(found(as_admin, table_name="store", since=(now - hour).isoformat(), until=(now + hour).isoformat())) == 1
    assert found(as_admin, table_name="store", until=(now - hour).isoformat()) == []
    assert found(as_admin, table_name="store", since=(now + hour).isoformat()) == []


@pytest.fixture
def store(app: GuideApp) -> Store:
    return make.store()


def test_only_administrators_and_auditors_read_it(client: Client, as_guide: Client, as_manager: Client) -> None:
    for refused in (as_guide, as_manager, client.sign_in(make.staff(roles=["hq_finance"]))):
        assert refused.get("/v1/audit").json["code"] == "forbidden"
    assert client.sign_in(make.staff(roles=["auditor"])).get("/v1/audit").status_code == 200
