"""What becomes of what sources send."""

import threading
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from catalog import service
from catalog.items import ProductItem, SkuItem
from guideapi.app import GuideApp
from kit import clock
from kit.db import db, fetch_all, unit_of_work
from models import Source
from tests import make
from tests.catalog.read import catalog, rows_as_stored

TABLES = ("product", "sku", "brand", "category", "shelf_event")


def item(version: int, *, external_id: str = "P1", **fields: Any) -> ProductItem:
    return make.product_item(**{"external_id": external_id, "version": version, "sku_codes": [external_id], **fields})


def detail(source: Source, *items: ProductItem) -> list[tuple[str, str | None]]:
    with unit_of_work():
        outcomes = service.sync_products(source=source, items=items, now=clock.now())
    return [(outcome["outcome"], outcome.get("code")) for outcome in outcomes]


def test_each_kind_of_outcome(source: Source) -> None:
    assert make.sync(source, item(5, title="面霜")) == ["created"]
    assert make.sync(source, item(6, title="新面霜")) == ["updated"]
    assert make.sync(source, item(6, title="新面霜")) == ["unchanged"]
    assert make.sync(source, item(5, title="面霜")) == ["stale"]
    assert detail(source, item(6, title="别的")) == [("rejected", "version_reused")]
    [product] = catalog()
    assert (product["title"], product["source_version"]) == ("新面霜", 6)


def test_of_one_product_twice_in_a_batch_the_highest_version_wins(source: Source) -> None:
    outcomes = make.sync(source, item(1, title="一"), item(3, title="三"), item(2, title="二"))
    assert outcomes == ["stale", "created", "stale"]
    assert [product["title"] for product in catalog()] == ["三"]


def test_what_is_unchanged_writes_no_row(source: Source) -> None:
    items = [item(1, external_id=f"P{n}") for n in range(50)]
    make.sync(source, *items)
    before = {table: rows_as_stored(table) for table in TABLES}
    assert make.sync(source, *items) == ["unchanged"] * 50
    assert {table: rows_as_stored(table) for table in TABLES} == before


def test_same_content_under_a_higher_version_still_beats_what_came_between(source: Source) -> None:
    make.sync(source, item(1, title="面霜"))
    assert make.sync(source, item(3, title="面霜")) == ["unchanged"]
    assert make.sync(source, item(2, title="别的")) == ["stale"]
    assert [product["title"] for product in catalog()] == ["面霜"]


VERSIONS = [
    item(1),
    item(2, title="改名", price_fen=100),
    item(3, shelf_status="off_shelf", reason="召回", sku_codes=["P1", "P1-50ml"]),
    item(4, title="改名", brand="别家", sku_codes=["P1-50ml"]),
    item(5, title="改名", brand="别家", sku_codes=["P1-50ml"]),
    item(1, external_id="P2", shelf_status="presale"),
    item(2, external_id="P2", shelf_status="discontinued"),
    item(3, external_id="P2", shelf_status="on_shelf"),
]


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_every_order_of_arrival_gives_the_same_catalog(app: GuideApp, data: st.DataObject) -> None:
    expected = _arrive(VERSIONS, sizes=[1])
    repeated = data.draw(st.lists(st.sampled_from(VERSIONS), max_size=4))
    arrivals = data.draw(st.permutations([*VERSIONS, *repeated]))
    assert _arrive(arrivals, sizes=data.draw(st.lists(st.integers(1, 5), min_size=1))) == expected


def _arrive(items: list[ProductItem], *, sizes: list[int]) -> list[dict[str, Any]]:
    """The catalog of a new source after `items` came in batches of `sizes`, over and over; then all is removed."""
    source = make.source()
    rest = list(items)
    for n in range(len(items)):
        if rest:
            size = sizes[n % len(sizes)]
            assert "rejected" not in make.sync(source, *rest[:size])
            rest = rest[size:]
    found = catalog()
    _forget_products()
    return found


def _forget_products() -> None:
    with db.engine.begin() as connection:
        connection.execute(text("ALTER TABLE shelf_event DISABLE TRIGGER USER"))
        connection.execute(text("DELETE FROM shelf_event"))
        connection.execute(text("ALTER TABLE shelf_event ENABLE TRIGGER USER"))
        for table in ("sku_listing", "product_price", "tagged_product", "sku", "product"):
            connection.execute(text(f"DELETE FROM {table}"))


def test_a_sku_left_out_is_dropped_and_comes_back(source: Source) -> None:
    make.sync(source, item(1, sku_codes=["A", "B"]))
    make.sync(source, item(2, sku_codes=["A"]))
    assert catalog()[0]["skus"] == ["A 19900 true"]
    make.sync(source, item(3, sku_codes=["A", "B"]))
    assert catalog()[0]["skus"] == ["A 19900 true", "B 19900 true"]
    assert len(fetch_all(text("SELECT id FROM sku"))) == 2


def test_a_sku_code_belongs_to_one_product_until_that_drops_it(source: Source) -> None:
    make.sync(source, item(1, external_id="P1", sku_codes=["A", "B"]))
    assert detail(source, item(1, external_id="P2", sku_codes=["B"])) == [("rejected", "sku_taken")]
    make.sync(source, item(2, external_id="P1", sku_codes=["A"]))
    assert detail(source, item(1, external_id="P2", sku_codes=["B"])) == [("created", None)]
    assert [product["skus"] for product in catalog()] == [["A 19900 true"], ["B 19900 true"]]
    both = [item(1, external_id=name, sku_codes=["C"]) for name in ("P3", "P4")]
    assert detail(source, *both) == [("created", None), ("rejected", "sku_taken")]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"skus": [SkuItem(code="A", price=200, list_price=100)]}, "list_price_below_price"),
        ({"sku_codes": ["A", "A"]}, "sku_repeated"),
        ({"category": " > "}, "category_unusable"),
        ({"category": ["x" * 200] * 3}, "category_unusable"),
    ],
)
def test_an_unfit_item_is_rejected_and_the_rest_goes_in(source: Source, fields: dict[str, Any], code: str) -> None:
    assert detail(source, item(1, **fields), item(1, external_id="P2")) == [("rejected", code), ("created", None)]
    assert [product["external_id"] for product in catalog()] == ["P2"]


def test_every_change_of_shelf_status_leaves_an_event_and_nothing_else_does(source: Source) -> None:
    for version, status in enumerate(["presale", "on_shelf", "on_shelf", "off_shelf", "on_shelf"]):
        make.sync(source, item(version, shelf_status=status, reason=f"原因{version}", price_fen=100 + version))
    events = fetch_all(text("SELECT old_status, new_status, reason, source_version FROM shelf_event ORDER BY id"))
    assert [tuple(event.values()) for event in events] == [
        (None, "presale", "原因0", 0),
        ("presale", "on_shelf", "原因1", 1),
        ("on_shelf", "off_shelf", "原因3", 3),
        ("off_shelf", "on_shelf", "原因4", 4),
    ]


def test_two_sources_keep_their_own_versions(app: GuideApp) -> None:
    one, other = make.source(), make.source()
    assert make.sync(one, item(9)) == ["created"]
    assert make.sync(other, item(1, sku_codes=["other"])) == ["created"]
    assert len(catalog()) == 2


def test_batches_in_parallel_neither_deadlock_nor_lose_an_update(app: GuideApp) -> None:
    """Four senders, each product's versions scattered over them, in opposite orders."""
    sources = [make.source(), make.source()]
    names = [f"P{n}" for n in range(40)]
    errors: list[BaseException] = []
    start = threading.Barrier(4)

    def send(source: Source, lane: int) -> None:
        try:
            with app.app_context():
                start.wait()
                for version in range(lane, 12, 2):
                    order = names if lane else names[::-1]
                    batch = [item(version, external_id=n, sku_codes=[f"{source.code} {n}"], brand=f"{n}{version % 3}")
                             for n in order]  # fmt: skip
                    make.sync(source, *batch)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=send, args=(source, lane)) for source in sources for lane in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert [product["source_version"] for product in catalog()] == [11] * 80
    assert {product["brand"] for product in catalog()} == {f"{name}2" for name in names}
