"""A source that counted wrong gets its products back: an operator forgets what was accepted."""

from typing import Any

import pytest
from sqlalchemy import select

from kit.db import db
from kit.versions import MAX_SOURCE_VERSION
from models import AuditEntry, Source
from tests import make
from tests.catalog.sending import lines, work
from tests.catalog.test_push import item, push
from tests.client import Client


def outcome(client: Client, source: Source, **fields: Any) -> str:
    return str(push(client, source, item(**fields)).json["items"][0]["outcome"])


def reset(client: Client, source: Source, **body: Any) -> Any:
    return client.post(f"/v1/sources/{source.code}/version-resets", json=body)


def noted() -> list[dict[str, Any]]:
    actions = select(AuditEntry.after).where(AuditEntry.action == "versions_reset").order_by(AuditEntry.id)
    return list(db.session.scalars(actions))


@pytest.mark.parametrize("version", [0, 1, MAX_SOURCE_VERSION])
def test_after_a_reset_whatever_comes_next_is_taken(
    integrator: Client, as_catalog: Client, source: Source, version: int
) -> None:
    assert outcome(integrator, source, version=MAX_SOURCE_VERSION) == "created"
    assert outcome(integrator, source, version=version, title="新") in ("stale", "rejected")
    assert reset(as_catalog, source, external_id="P1").json == {"products": 1}
    assert outcome(integrator, source, version=version, title="新") == "updated"
    assert outcome(integrator, source, version=version, title="更新") == "rejected"
    assert noted() == [{"external_id": "P1", "products": 1, "highest_version": MAX_SOURCE_VERSION}]


def test_until_then_the_product_stays_as_it_is(integrator: Client, as_catalog: Client, source: Source) -> None:
    outcome(integrator, source, version=9)
    reset(as_catalog, source, external_id="P1")
    [card] = as_catalog.get("/v1/products").json["items"]
    assert (card["title"], card["shelf_status"]) == ("面霜", "on_shelf")
    assert as_catalog.get(f"/v1/products/{card['id']}").json["source_version"] == -1
    assert outcome(integrator, source, version=1) == "unchanged"
    assert outcome(integrator, source, version=0, title="旧") == "stale"


def test_one_product_gets_past_a_snapshot_and_the_others_do_not(
    integrator: Client, as_catalog: Client, source: Source
) -> None:
    """A snapshot file without versions counts as of the moment it came."""
    as_catalog.post(f"/v1/sources/{source.code}/imports?mode=snapshot", data=lines(2))
    work()
    two = [item(external_id=f"P{n}", title="新", skus=[{"code": f"K{n}", "price": 100}]) for n in (0, 1)]
    assert [o["outcome"] for o in push(integrator, source, *two).json["items"]] == ["stale", "stale"]
    reset(as_catalog, source, external_id="P0")
    assert [o["outcome"] for o in push(integrator, source, *two).json["items"]] == ["updated", "stale"]
    assert reset(as_catalog, source).json == {"products": 2}
    new = item(external_id="P9", skus=[{"code": "K9", "price": 100}])
    assert [o["outcome"] for o in push(integrator, source, two[1], new).json["items"]] == ["updated", "created"]


def test_a_dry_run_after_a_reset_says_what_the_file_will_do(as_catalog: Client, source: Source) -> None:
    for number in (2, 1):
        if number == 1:
            reset(as_catalog, source)
        path = f"/v1/sources/{source.code}/imports?mode=upsert&dry_run=" + ("false" if number == 2 else "true")
        run = as_catalog.post(path, data=lines(1, version=number, title=f"第{number}版")).json["id"]
        work()
    assert as_catalog.get(f"/v1/sync-runs/{run}").json["updated"] == 1


def test_who_may_and_what_is_not_there(
    integrator: Client, as_catalog: Client, as_guide: Client, source: Source
) -> None:
    assert reset(integrator, source).status_code == 403
    assert reset(as_guide, source).status_code == 403
    assert reset(as_catalog, source, external_id="nothing").json["code"] == "product_not_found"
    assert as_catalog.post("/v1/sources/nowhere/version-resets").json["code"] == "source_not_found"
    elsewhere = make.source()
    outcome(integrator, elsewhere, version=5)
    assert reset(as_catalog, source).json == {"products": 0}
    assert outcome(integrator, elsewhere, version=4, title="旧") == "stale"
