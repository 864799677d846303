"""Batches over HTTP, sources, and the stream of shelf events."""

from typing import Any

import pytest
from sqlalchemy import text

from kit.db import db
from models import Source
from tests import make
from tests.catalog.read import catalog
from tests.client import Client


def item(**fields: Any) -> dict[str, Any]:
    return {
        "external_id": "P1",
        "version": 1,
        "title": "面霜",
        "brand": "花屿",
        "category": "护肤 > 面霜",
        "shelf_status": "on_shelf",
        "skus": [{"code": "K1", "barcode": "0069012345678", "price": 12900, "list_price": 15900}],
        **fields,
    }


def push(client: Client, source: Source, *items: Any) -> Any:
    return client.post(f"/v1/sources/{source.code}/products", json={"items": list(items)})


def test_a_batch_answers_per_item_in_order(integrator: Client, source: Source) -> None:
    bad = {"external_id": "P0", "nonsense": True}
    second = item(external_id="P2", skus=[{"code": "K2", "price": 1}])
    answer = push(integrator, source, bad, item(), second, item(version=0))
    assert answer.status_code == 200
    outcomes = [(o["index"], o["external_id"], o["outcome"], o.get("code")) for o in answer.json["items"]]
    assert outcomes == [
        (0, "P0", "rejected", "invalid_item"),
        (1, "P1", "created", None),
        (2, "P2", "created", None),
        (3, "P1", "stale", "older_version"),
    ]
    assert (answer.json["items"][3]["version_held"], answer.json["items"][3]["version_sent"]) == (1, 0)
    assert [product["external_id"] for product in catalog()] == ["P1", "P2"]


def test_stale_items_say_why(integrator: Client, source: Source, as_catalog: Client) -> None:
    push(integrator, source, item(version=7))
    answer = push(integrator, source, item(version=5), item(version=6, external_id="P2"), item(version=4))
    told = [(o["outcome"], o.get("code"), o.get("version_held"), o.get("version_sent")) for o in answer.json["items"]]
    assert told == [
        ("stale", "older_version", 7, 5),
        ("rejected", "sku_taken", None, None),
        ("stale", "older_version", 7, 4),
    ]
    twice = push(integrator, source, item(version=8), item(version=8)).json["items"][1]
    assert (twice["code"], twice["version_held"], twice["version_sent"]) == ("repeated_in_batch", 8, 8)
    assert twice["detail"] == "Version 8 came twice in this batch; the first of them counts."


@pytest.mark.parametrize(
    "wrong",
    [
        {"version": -1},
        {"version": 1.5},
        {"version": "1"},
        {"version": 2**53},
        {"title": ""},
        {"title": "x" * 501},
        {"external_id": "x" * 256},
        {"shelf_status": "gone"},
        {"category": []},
        {"skus": []},
        {"skus": [{"code": "K", "price": 12.9}]},
        {"skus": [{"code": "K", "price": "12"}]},
        {"skus": [{"code": "K", "price": -1}]},
        {"skus": [{"code": "K", "price": 10**13}]},
        {"skus": [{"code": "K", "price": 1, "barcode": 6901234567}]},
        {"title": "a\x00b"},
        {"more": 1},
    ],
)
def test_ill_formed_items_are_rejected(integrator: Client, source: Source, wrong: dict[str, Any]) -> None:
    answer = push(integrator, source, item(**wrong))
    assert answer.json["items"][0]["code"] == "invalid_item"
    assert catalog() == []


def test_barcodes_stay_text(integrator: Client, as_guide: Client, source: Source) -> None:
    push(integrator, source, item())
    [card] = as_guide.get("/v1/products").json["items"]
    assert card["list_price"] == {"amount": 15900, "currency": "CNY"}
    assert as_guide.get(f"/v1/products/{card['id']}").json["skus"][0]["barcode"] == "0069012345678"


def test_who_may_push(as_guide: Client, as_catalog: Client, client: Client, source: Source) -> None:
    assert push(as_guide, source, item()).json["code"] == "forbidden"
    assert push(client.with_token(make.api_key(scopes=["orders:write"])), source, item()).status_code == 403
    assert push(as_catalog, source, item()).json["items"][0]["outcome"] == "created"
    answer = as_catalog.post("/v1/sources/nowhere/products", json={"items": []})
    assert answer.json["code"] == "source_not_found"
    assert push(as_catalog, source, *[item()] * 1001).json["code"] == "batch_too_large"
    assert push(as_catalog, source).json == {"items": []}


def test_sources_are_made_once(as_catalog: Client, as_guide: Client) -> None:
    wanted = {"code": "brand-feed", "name": "品牌", "currency": "CNY"}
    first, second = (as_catalog.post("/v1/sources", json=wanted) for _ in range(2))
    assert first.status_code == second.status_code == 201
    assert first.json == second.json
    assert as_catalog.post("/v1/sources", json={**wanted, "currency": "USD"}).json["code"] == "source_exists"
    assert as_catalog.post("/v1/sources", json={**wanted, "code": "Not A Code"}).status_code == 422
    assert as_guide.post("/v1/sources", json=wanted).status_code == 403
    assert [source["code"] for source in as_catalog.get("/v1/sources").json["items"]] == ["brand-feed"]


def test_shelf_events_are_followed_from_where_one_was(as_guide: Client, integrator: Client, source: Source) -> None:
    push(integrator, source, item())
    first = as_guide.get("/v1/shelf-events").json
    assert [(e["external_id"], e["old_status"], e["new_status"]) for e in first["items"]] == [("P1", None, "on_shelf")]
    assert as_guide.get("/v1/shelf-events", query_string={"after": first["next_after"]}).json == {
        "items": [],
        "next_after": first["next_after"],
    }
    push(integrator, source, item(version=2, shelf_status="off_shelf", reason="召回"))
    later = as_guide.get("/v1/shelf-events", query_string={"after": first["next_after"]}).json
    assert [(e["new_status"], e["reason"]) for e in later["items"]] == [("off_shelf", "召回")]
    for caller, after in ((as_guide, "x"), (integrator, first["next_after"])):
        refused = caller.get("/v1/shelf-events", query_string={"after": after})
        assert (refused.status_code, refused.json["code"]) == (410, "sync_reset")


def test_an_event_of_a_slow_transaction_is_not_skipped(as_guide: Client, source: Source) -> None:
    """The slow one takes its id first and commits last: a reader that goes by id would have passed it."""
    slow_id, fast_id = (make.product(source=source).id for _ in range(2))
    start = as_guide.get("/v1/shelf-events").json["next_after"]
    change = text("UPDATE product SET shelf_status = 'off_shelf' WHERE id = :id")
    with db.engine.connect() as slow, db.engine.connect() as fast:
        slow.execute(change, {"id": slow_id})
        fast.execute(change, {"id": fast_id})
        fast.commit()
        early = as_guide.get("/v1/shelf-events", query_string={"after": start}).json
        slow.commit()
    late = as_guide.get("/v1/shelf-events", query_string={"after": early["next_after"]}).json
    seen = [event["product_id"] for event in [*early["items"], *late["items"]]]
    assert sorted(seen) == sorted([str(slow_id), str(fast_id)])
