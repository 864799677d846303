"""Files, pushes and webhooks of several ranked sources, in any order: one catalog."""

import json
from collections.abc import Callable
from io import BytesIO
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from catalog import jobs, service
from guideapi.app import GuideApp
from kit import clock
from kit.db import db, fetch_all, unit_of_work
from models import Source
from tests import make
from tests.catalog.read import catalog

SAID = text("""
SELECT s.rank, p.external_id, least(p.source_version, 1000000000000) AS version, p.shelf_status, p.title,
  p.shadowed, p.tags,
  ARRAY(SELECT k.code || ' ' || k.price_fen || ' ' || k.listed FROM sku k WHERE k.product_id = p.id ORDER BY k.code)
    AS decides,
  ARRAY(SELECT k.code || ' ' || l.price_fen || ' ' || l.listed FROM sku_listing l JOIN sku k ON k.id = l.sku_id
        WHERE l.product_id = p.id ORDER BY k.code) AS beside
FROM product p JOIN source s ON s.id = p.source_id ORDER BY s.rank, p.external_id
""")
EMPTIED = (
    "product_price",
    "tagged_product",
    "sku_listing",
    "image_link",
    "product_image",
    "sku",
    "product_alias",
    "sync_reject",
    "shelf_event",
    "product",
)
Event = tuple[int, str, dict[str, Any]]


def item(name: str, version: int, codes: str, price: int, **fields: Any) -> dict[str, Any]:
    return {
        "external_id": name,
        "version": version,
        "title": f"{name} {version}",
        "brand": "花屿",
        "category": "护肤",
        "shelf_status": "on_shelf",
        "skus": [{"code": code, "price": price} for code in codes],
        **fields,
    }


def webhook(number: int, second: int, handle: str, codes: str, price: str, **fields: Any) -> dict[str, Any]:
    return {
        "id": number,
        "handle": handle,
        "title": f"shop {number} {second}",
        "updated_at": f"2026-01-02T03:04:{second:02}Z",
        "published_at": "2026-01-01T00:00:00Z",
        "variants": [{"price": price, "sku": code} for code in codes],
        **fields,
    }


# By rank of the source: what it sends, and how.
EVENTS: list[Event] = [
    (1, "push", item("B1", 1, "AB", 900)),
    (1, "push", item("B1", 3, "AB", 950, shelf_status="off_shelf")),
    (1, "file", item("B1", 2, "AB", 930)),
    (1, "file", item("B2", 5, "C", 990, tags=["夏"])),
    (2, "webhook", webhook(7, 1, "tea", "AX", "5.00")),
    (2, "webhook", webhook(7, 4, "tea-new", "AX", "6.00")),
    (2, "webhook", webhook(7, 4, "tea-new", "AX", "6.00", status="draft")),
    (2, "webhook", webhook(8, 6, "tea", "CY", "7.00")),
    (3, "push", item("E1", 1, "ABC", 100)),
    (3, "file", item("E1", 2, "ABC", 110, shelf_status="off_shelf")),
    (3, "file", item("E2", 1, "XZ", 120)),
]


# Everything that a source has, without versions, as of when it comes; and what is said later still, by versions.
LATER = 9 * 10**12
SNAPSHOTS: dict[int, tuple[Event, list[Event]]] = {
    1: (
        (1, "snapshot", item("B1", 0, "A", 940)),
        [(1, "push", item("B3", LATER, "BY", 905)), (1, "file", item("B1", LATER, "AQ", 955))],
    ),
    3: ((3, "snapshot", item("E3", 0, "CZ", 130)), [(3, "push", item("E2", LATER, "X", 125))]),
}


def _push(source: Source, content: dict[str, Any]) -> None:
    skus = [make.product_item().skus[0].__class__(**sku) for sku in content["skus"]]
    make.sync(source, make.product_item(**{**content, "skus": skus}))


def _file(source: Source, content: dict[str, Any], mode: str = "upsert") -> None:
    body = BytesIO(json.dumps(content).encode() + b"\n")
    file = service.store_upload(body)
    with unit_of_work():
        run = service.create_import(source=source, mode=mode, dry_run=False, file=file, now=clock.now())
        run_id = str(run.id)
    jobs.run_import(run_id=run_id)


def _webhook(source: Source, content: dict[str, Any]) -> None:
    with unit_of_work():
        now = clock.now()
        outcome = service.take_webhook(
            source=source, topic="products/update", body=json.dumps(content).encode(), triggered_at=now, now=now
        )
    assert outcome != "rejected"


def _snapshot(source: Source, content: dict[str, Any]) -> None:
    _file(source, {name: value for name, value in content.items() if name != "version"}, mode="snapshot")


SEND: dict[str, Callable[[Source, dict[str, Any]], None]] = {
    "push": _push,
    "file": _file,
    "webhook": _webhook,
    "snapshot": _snapshot,
}


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_order_of_several_sources_gives_one_catalog(app: GuideApp, data: st.DataObject) -> None:
    expected = _arrive(EVENTS)
    assert [row["skus"] for row in expected[0] if row["skus"]]
    repeated = data.draw(st.lists(st.sampled_from(EVENTS), max_size=3))
    assert _arrive(data.draw(st.permutations([*EVENTS, *repeated]))) == expected


@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_order_with_snapshots_gives_one_catalog(app: GuideApp, data: st.DataObject) -> None:
    """Each source's snapshot after what it said before, wherever in between the others are; repeats come at any time.

    What a source said before a snapshot and arrives after it, never seen before, is stale: no order has it otherwise.
    """
    streams = {rank: [event for event in EVENTS if event[0] == rank] for rank in (1, 2, 3)}
    expected = _arrive([*_stream(streams[1], 1), *streams[2], *_stream(streams[3], 3)])
    mixed = {rank: data.draw(st.permutations(events)) for rank, events in streams.items()}
    for rank in SNAPSHOTS:
        repeated = data.draw(st.lists(st.sampled_from(streams[rank]), max_size=2))
        mixed[rank] = [*_stream(mixed[rank], rank, data), *repeated]
    turns = data.draw(st.permutations([rank for rank, events in mixed.items() for _ in events]))
    assert _arrive([mixed[rank].pop(0) for rank in turns]) == expected


def _stream(before: list[Event], rank: int, data: st.DataObject | None = None) -> list[Event]:
    snapshot, later = SNAPSHOTS[rank]
    return [*before, snapshot, *(data.draw(st.permutations(later)) if data else later)]


def _arrive(events: list[Event]) -> tuple[Any, ...]:
    """The catalog, and what each source says, after the events came one by one to new sources; then all is removed."""
    sources = {rank: make.source(rank=rank) for rank in (1, 2, 3)}
    for rank, way, content in events:
        SEND[way](sources[rank], content)
    shown = [
        {name: row[name] for name in ("external_id", "title", "shelf_status", "skus")}
        for row in catalog()
        if row["skus"]
    ]
    found = (sorted(shown, key=lambda row: str(row["external_id"])), list(fetch_all(SAID)))
    _forget()
    return found


def _forget() -> None:
    with db.engine.begin() as connection:
        connection.execute(text("ALTER TABLE shelf_event DISABLE TRIGGER USER"))
        for table in EMPTIED:
            connection.execute(text(f"DELETE FROM {table}"))
        connection.execute(text("ALTER TABLE shelf_event ENABLE TRIGGER USER"))
    db.session.rollback()
    db.session.expire_all()
