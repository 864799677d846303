"""A dry run foretells what the run itself then does, product by product: both are judged by the same statements."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from catalog.service import judging
from kit import locks
from kit.db import db
from models import Source
from tests import make
from tests.catalog.read import catalog
from tests.catalog.sending import counts, lines, work
from tests.client import Client

MAX_PRODUCTS = 5
ITEM = st.fixed_dictionaries(
    {
        "external_id": st.sampled_from([f"P{n}" for n in range(MAX_PRODUCTS)]),
        "version": st.integers(1, 3),
        "title": st.sampled_from(["一", "二"]),
        "shelf_status": st.sampled_from(["on_shelf", "off_shelf"]),
        "skus": st.lists(st.sampled_from(["A", "B", "C", "D"]), min_size=1, max_size=2, unique=True),
    }
)
FILE = st.lists(ITEM, min_size=1, max_size=8)


def as_lines(items: list[dict[str, Any]]) -> bytes:
    common = {"brand": "花屿", "category": "护肤"}
    whole = [{**common, **item, "skus": [{"code": code, "price": 100} for code in item["skus"]]} for item in items]
    return b"".join(json.dumps(item).encode() + b"\n" for item in whole)


class Sender:
    """One source, and files that are sent to it."""

    def __init__(self, client: Client, source: Source) -> None:
        self.client, self.source = client, source

    def __call__(self, content: bytes, **query: Any) -> dict[str, Any]:
        answer = self.client.post(f"/v1/sources/{self.source.code}/imports", data=content, query_string=query)
        assert answer.status_code == 202, answer.text
        work()
        run: dict[str, Any] = self.client.get(f"/v1/sync-runs/{answer.json['id']}").json
        return run

    def rejects(self, run: dict[str, Any]) -> list[tuple[str, str, int]]:
        items = self.client.get(f"/v1/sync-runs/{run['id']}/rejects").json["items"]
        return [(item["external_id"], item["code"], item["line_no"]) for item in items]

    def drift(self) -> dict[str, str]:
        answer = self.client.get(f"/v1/sources/{self.source.code}/reconciliation").json
        return {row["external_id"]: row["kind"] for row in answer["drift"]}


@pytest.fixture
def send(as_catalog: Client, source: Source) -> Sender:
    return Sender(as_catalog, source)


@pytest.mark.parametrize("mode", ["upsert", "snapshot"])
def test_both_say_the_same(as_catalog: Client, monkeypatch: pytest.MonkeyPatch, mode: str) -> None:
    # Blocks of three: what one of them does, the next ones find.
    monkeypatch.setattr(judging, "BLOCK_ITEMS", 3)

    @settings(
        max_examples=4,
        deadline=None,
        phases=[Phase.explicit, Phase.reuse, Phase.generate],
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(before=FILE, then=FILE)
    def check(before: list[dict[str, Any]], then: list[dict[str, Any]]) -> None:
        prefix = f"{make.rows.next_number()}-"
        for item in [*before, *then]:
            # Codes are the chain's: each example has its own.
            item["skus"] = [prefix + code for code in item["skus"]]
        send = Sender(as_catalog, make.source())
        send(as_lines(before))
        held = catalog()
        foretold = send(as_lines(then), mode=mode, dry_run=True)
        assert catalog() == held
        real = send(as_lines(then), mode=mode)
        assert (foretold["state"], real["state"]) == ("done", "done")
        assert counts(foretold) == counts(real)
        assert send.rejects(foretold) == send.rejects(real)

    check()


def test_codes_that_belong_to_others_are_foretold(send: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "BLOCK_ITEMS", 1)
    send(lines(2))
    file = lines(1, start=7, skus=[{"code": "K0", "price": 100}])
    file += lines(2, start=8, skus=[{"code": "new", "price": 100}])
    run = send(file, dry_run=True)
    assert counts(run) == {"created": 1, "rejected": 2}
    assert send.rejects(run) == [("P7", "sku_taken", 1), ("P9", "sku_taken", 3)]
    assert send.drift() == {"P7": "rejected", "P8": "created", "P9": "rejected"}


@pytest.mark.parametrize("block_items", [1, 2, 3])
def test_what_a_rejected_item_would_have_dropped_is_foretold_as_taken(
    send: Sender, monkeypatch: pytest.MonkeyPatch, block_items: int
) -> None:
    monkeypatch.setattr(judging, "BLOCK_ITEMS", block_items)
    send(lines(2))
    file = lines(1, skus=[{"code": "K1", "price": 100}]) + lines(1, start=1)
    file += lines(1, start=9, skus=[{"code": "K0", "price": 100}])
    foretold, real = send(file, dry_run=True), send(file)
    assert counts(foretold) == counts(real) == {"unchanged": 1, "rejected": 2}
    assert send.rejects(foretold) == send.rejects(real)


def test_what_is_older_than_a_snapshot_is_foretold_as_stale(send: Sender, source: Source) -> None:
    send(lines(1), mode="snapshot")
    assert counts(send(lines(1, start=1, version=5), dry_run=True)) == {"stale": 1}
    assert send.drift() == {"P1": "stale"}


def test_a_dry_run_waits_for_no_merge_of_its_source(send: Sender, source: Source) -> None:
    with db.engine.begin() as other:
        other.execute(locks.HOLD, {"names": [f"source {source.id}"]})
        run = send(lines(3), dry_run=True)
    assert (run["applied"], counts(run)) == (0, {"created": 3})


def test_of_one_product_twice_the_higher_version_counts_wherever_it_stands(
    send: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judging, "BLOCK_ITEMS", 1)
    file = lines(1, version=1) + lines(1, start=1) + lines(1, version=3, title="三") + lines(1, version=2)
    assert counts(send(file, dry_run=True)) == {"created": 2, "stale": 2}
    assert counts(send(file)) == {"created": 2, "stale": 2}
    assert {product["title"] for product in catalog()} == {"三", "商品1"}
