"""Noise: whatever is sent, nothing breaks, what is refused leaves no trace, and the rest goes in."""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from kit.db import db, fetch_all
from models import Source
from tests import make
from tests.catalog.read import catalog
from tests.catalog.sending import counts, work
from tests.client import Client

FILES = Path(__file__).parent / "files"
BATCHES = 10
ITEMS = 1_000
FIELDS = ("external_id", "version", "title", "brand", "category", "shelf_status", "skus", "image_urls", "reason")
NOISE: list[Any] = [
    *(None, True, "", " ", "x" * 600, "\x00", "\ufffe", "￿", "'; DROP TABLE product; --", "𠮷 é", "a\nb\tc\\N"),
    *(-1, 0, 1.5, 1e300, 2**63, 10**30, [], [[]], {}, {"a": 1}, ["x"] * 30, [None], "2026-11-11"),
]
SKU_NOISE: list[Any] = [
    *([{"code": "K", "price": price}] for price in (-1, 1.5, "1", None, 2**63, 10**12, 10**12 + 1)),
    *([{"code": code, "price": 1}] for code in ("", "x" * 129, None, 7, "\x00")),
    [{"code": "K", "price": 2, "list_price": 1}],
    [{"code": "K", "price": 1}, {"code": "K", "price": 1}],
    [{"code": "K", "price": 1, "barcode": 69012345678}],
    [{"code": "K", "price": 1, "colour": "red"}],
]
LISTED = text("SELECT p.external_id, k.code FROM sku k JOIN product p ON p.id = k.product_id WHERE k.listed")


def whole(number: int, version: int) -> dict[str, Any]:
    """A product as it should be; some share SKU codes with others."""
    return {
        "external_id": f"P{number}",
        "version": version,
        "title": f"面霜 {number} 版 {version}",
        "brand": "花屿",
        "category": "护肤 > 面霜",
        "shelf_status": "on_shelf",
        "skus": [{"code": f"K{number // 3 if number % 50 == 0 else number}", "price": 100 + version}],
    }


def noisy(dice: random.Random, item: dict[str, Any]) -> dict[str, Any]:
    """The item with one thing wrong, or odd."""
    chosen = dice.choice((*FIELDS, "skus", "more"))
    if chosen == "skus" and dice.random() < 0.7:
        return {**item, "skus": dice.choice(SKU_NOISE)}
    if chosen == "more":
        return {**item, dice.choice(("colour", "Version", "")): 1}
    if dice.random() < 0.2:
        return {name: value for name, value in item.items() if name != chosen}
    return {**item, chosen: dice.choice(NOISE)}


def rows(seed: int) -> Iterator[Any]:
    """Without an end: half of them noise, some of that no object at all."""
    dice = random.Random(seed)
    while True:
        item = whole(dice.randrange(3_000), dice.randrange(1, 50))
        kind = dice.random()
        yield item if kind < 0.5 else dice.choice(NOISE) if kind < 0.53 else noisy(dice, item)


def test_ten_thousand_pushed_rows_of_noise(integrator: Client, source: Source) -> None:
    """The catalog is what the accepted rows make it, row by row; each refused one says why."""
    sent = rows(seed=4)
    expected: dict[str, tuple[int, str]] = {}
    refused = 0
    for _ in range(BATCHES):
        batch = [next(sent) for _ in range(ITEMS)]
        answer = integrator.post(f"/v1/sources/{source.code}/products", data=json.dumps({"items": batch}))
        assert answer.status_code == 200, answer.text[:500]
        outcomes = answer.json["items"]
        assert [outcome["index"] for outcome in outcomes] == list(range(ITEMS))
        for item, outcome in zip(batch, outcomes, strict=True):
            if outcome["outcome"] in ("created", "updated"):
                expected[item["external_id"]] = (item["version"], item["title"])
            refused += outcome["outcome"] == "rejected" and bool(outcome["code"] and outcome["detail"])
    found = {row["external_id"]: (row["source_version"], row["title"]) for row in catalog()}
    assert found == expected
    assert len(found) > 1_000
    assert db.session.scalar(text("SELECT count(*) FROM sync_reject")) == refused > 3_000
    assert all(row["skus"] for row in catalog())
    codes = [row["code"] for row in fetch_all(LISTED)]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[",
        b"null",
        b"[]",
        b'{"items": {}}',
        b'{"items": [1,]}',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"items": ["\\ud800"]}',
    ],
)
def test_a_body_that_is_no_batch_is_refused(integrator: Client, source: Source, body: bytes) -> None:
    answer = integrator.post(f"/v1/sources/{source.code}/products", data=body, content_type="application/json")
    assert 400 <= answer.status_code < 500, answer.text[:500]
    assert catalog() == []


def test_a_file_of_noise_brings_in_what_is_usable_and_lists_the_rest(as_catalog: Client, source: Source) -> None:
    sent = rows(seed=5)
    lines = [json.dumps(next(sent)) for _ in range(2_000)]
    run = send(as_catalog, source, "\n".join([*lines, "{not json", '{"external_id": "\\ud800"}', ""]).encode())
    assert run["state"] == "done"
    number = counts(run)
    assert number["rejected"] == db.session.scalar(text("SELECT count(*) FROM sync_reject")) > 500
    assert len(catalog()) == number["created"] > 500


def damaged(content: bytes, dice: random.Random) -> bytes:
    """The content with a piece cut out, doubled, overwritten, or cut off."""
    start = dice.randrange(len(content))
    end = min(len(content), start + dice.randrange(1, 200))
    piece = content[start:end]
    return dice.choice(
        (
            content[:start],
            content[:start] + content[end:],
            content[:end] + piece + content[end:],
            content[:start] + dice.randbytes(len(piece)) + content[end:],
            content[:start] + b'"' + content[start:],
        )
    )


@pytest.mark.parametrize(
    ("name", "file_format"),
    [
        ("shopify.csv", "shopify"),
        ("woocommerce.csv", "woocommerce"),
        ("google.xml", "google"),
        ("google.tsv", "google"),
    ],
)
def test_damaged_files_end_well_and_a_broken_one_changes_nothing(
    as_catalog: Client, name: str, file_format: str
) -> None:
    dice = random.Random(name)
    content = (FILES / name).read_bytes()
    for _ in range(4):
        source = make.source(file_format=file_format)
        run = send(as_catalog, source, damaged(content, dice))
        taken = catalog_of(source)
        assert run["state"] in ("done", "failed")
        assert len(taken) == counts(run).get("created", 0)
        assert run["state"] == "done" or (taken == [] and run["problem_code"])


def catalog_of(source: Source) -> list[dict[str, Any]]:
    db.session.rollback()
    statement = """
    SELECT external_id, ARRAY(SELECT code FROM sku WHERE product_id = p.id) AS skus FROM product p WHERE source_id = :id
    """
    return list(fetch_all(text(statement), {"id": source.id}))


def send(client: Client, source: Source, content: bytes) -> dict[str, Any]:
    """The run of a file, when it is over."""
    answer = client.post(f"/v1/sources/{source.code}/imports", data=content)
    assert answer.status_code == 202, answer.text
    work()
    run: dict[str, Any] = client.get(f"/v1/sync-runs/{answer.json['id']}").json
    return run
