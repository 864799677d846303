"""Several versions of an order in one batch: what stands in the end is what stands if they come one by one."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from kit.db import db
from models import AttributionDecision, Credit, Order, OrderLine, Source, Staff, Store
from tests import make
from tests.client import Client
from tests.orders.decided import with_sellers

NOBODY = [{"staff_no": "NOBODY", "share_bp": 10_000}]


@pytest.fixture
def store(guide: Staff) -> Store:
    return db.session.get_one(Store, guide.store_id)


def outcomes(source: Source, *items: dict[str, Any]) -> list[tuple[str, str | None]]:
    return [(one["outcome"], one.get("code")) for one in make.take_orders(source, list(items))]


def versions_of(item: dict[str, Any], *, good: str) -> list[dict[str, Any]]:
    """One version for each letter, g for a good one and b for a bad one, oldest first."""
    kinds = enumerate(good, start=1)
    return [
        {**item, "version": version, "lines": [make.line(paid=version)]} | ({} if kind == "g" else {"serving": NOBODY})
        for version, kind in kinds
    ]


@pytest.mark.parametrize(
    ("sent", "told", "stands"),
    [
        ("gb", ["created", "rejected"], 1),
        ("bg", ["rejected", "created"], 2),
        ("gbg", ["stale", "rejected", "created"], 3),
        ("ggb", ["stale", "created", "rejected"], 2),
        ("bgb", ["rejected", "created", "rejected"], 2),
        ("bb", ["rejected", "rejected"], None),
    ],
)
@pytest.mark.parametrize("backwards", [False, True])
def test_newest_sound_version_of_a_batch_stands(
    integrator: Client, store: Store, sent: str, told: list[str], stands: int | None, backwards: bool
) -> None:
    till = make.order_source()
    items = versions_of(make.order_item(store=store, external_id="B-1"), good=sent)
    turn = slice(None, None, -1 if backwards else 1)
    answer = integrator.post(f"/v1/sources/{till.code}/orders", json={"items": items[turn]}).json["items"]
    assert [one["outcome"] for one in answer] == told[turn]
    assert {one["external_id"] for one in answer} == {"B-1"}
    assert {one.get("code") for one in answer if one["outcome"] == "rejected"} <= {"unknown_guide"}
    assert db.session.scalars(select(Order.source_version)).all() == ([] if stands is None else [stands])
    assert db.session.scalars(select(OrderLine.net_fen)).all() == ([] if stands is None else [stands])


def test_item_that_cannot_be_read_is_named_and_spoils_nothing(integrator: Client, store: Store) -> None:
    till, item = make.order_source(), make.order_item(store=store, external_id="B-1")
    ill_formed = [{**item, "version": 2, "lines": []}, {**item, "external_id": 17}, {"version": 3}, "nonsense"]
    answer = integrator.post(f"/v1/sources/{till.code}/orders", json={"items": [item, *ill_formed]}).json["items"]
    told = [(one["external_id"], one["outcome"], one.get("code")) for one in answer]
    refused = [(name, "rejected", "invalid_item") for name in ("B-1", "17", None, None)]
    assert told == [("B-1", "created", None), *refused]


def test_version_that_says_something_else_is_told(store: Store, guide: Staff) -> None:
    till, item = make.order_source(), make.order_item(store=store, served_by=guide, member_no="M1")
    other = {**item, "lines": [make.line(paid=1)]}
    assert outcomes(till, item, other, item) == [
        ("created", None), ("rejected", "version_reused"), ("unchanged", None)
    ]  # fmt: skip
    assert outcomes(till, other, item) == [("rejected", "version_reused"), ("unchanged", None)]
    newer = {**item, "version": 2}
    assert outcomes(till, newer, other, {**other, "version": 2}) == [
        ("updated", None), ("rejected", "version_reused"), ("rejected", "version_reused")
    ]  # fmt: skip
    assert outcomes(till, other) == [("stale", "older_version")]
    assert db.session.scalars(select(OrderLine.net_fen)).all() == [10_000]


def test_same_thing_written_differently_is_unchanged(store: Store, guide: Staff) -> None:
    till = make.order_source()
    item = make.order_item(store=store, served_by=guide, member_no="M1", lines=[make.line(1), make.line(2)])
    item |= {"ordered_at": "2026-03-01T10:00:00+08:00"}
    serving = [{"staff_no": f" {guide.staff_no.lower()}", "share_bp": 10_000}]
    written = {
        "ordered_at": "2026-03-01T02:00:00Z",
        "store": f"{store.code.lower()} ",
        "member_no": "ｍ1",
        "lines": [make.line(2, tax=0), make.line(1)],
        "serving": serving,
    }
    assert outcomes(till, item, {**item, **written}) == [("created", None), ("unchanged", None)]
    assert outcomes(till, {**item, **written}) == [("unchanged", None)]


def test_sound_version_keeps_its_currency_from_a_later_one(store: Store) -> None:
    till, item = make.order_source(), make.order_item(store=store)
    moved = {**item, "version": 2, "store": make.store(currency="HKD").code}
    assert outcomes(till, moved, item) == [("rejected", "currency_changed"), ("created", None)]


ITEMS = st.lists(
    st.fixed_dictionaries(
        {
            "order": st.sampled_from("AB"),
            "version": st.integers(1, 4),
            "lines": st.dictionaries(st.integers(1, 2), st.integers(1, 3), min_size=1),
            "place": st.sampled_from(["home", "home", "abroad", "nowhere"]),
            "served": st.sampled_from(["guide", "guide", "nobody", "unknown"]),
        }
    ),
    min_size=1,
    max_size=7,
)


@given(held=ITEMS, batch=ITEMS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=10)
def test_batch_gives_what_its_items_give_one_by_one(
    store: Store, guide: Staff, held: list[dict[str, Any]], batch: list[dict[str, Any]]
) -> None:
    places = {"home": store.code, "abroad": _abroad(), "nowhere": "NOWHERE"}
    whole, single = make.order_source(), make.order_source()
    for one in held:
        for source in (whole, single):
            make.take_orders(source, [_item(one, places, guide)])
    items = [_item(one, places, guide) for one in batch]
    told = make.take_orders(whole, items)
    by_version = sorted(enumerate(items), key=lambda numbered: numbered[1]["version"])
    alone = {index: make.take_orders(single, [item])[0] for index, item in by_version}
    assert standing(whole) == standing(single)
    # What a newer version of the batch passed over is stale, and was taken when it came alone.
    passed = {"stale": {"created", "updated", "stale"}, "created": {"created", "updated"}}
    for one in told:
        word = alone[one["index"]]["outcome"]
        assert word in passed.get(one["outcome"], {one["outcome"]})
        assert one["outcome"] == "stale" or one.get("code") == alone[one["index"]].get("code")


def _abroad() -> str:
    found = db.session.scalar(select(Store.code).where(Store.currency == "HKD"))
    return found or make.store(currency="HKD").code


def _item(one: dict[str, Any], places: dict[str, str], guide: Staff) -> dict[str, Any]:
    serving = {"guide": [{"staff_no": guide.staff_no, "share_bp": 10_000}], "nobody": [], "unknown": NOBODY}
    return {
        "external_id": one["order"],
        "version": one["version"],
        "store": places[one["place"]],
        "ordered_at": "2026-03-01T10:00:00+08:00",
        "channel": "pos",
        "lines": [make.line(number, paid=paid) for number, paid in one["lines"].items()],
        "serving": serving[one["served"]],
    }


def standing(source: Source) -> set[tuple[Any, ...]]:
    """What is held of a source's orders, line by line, without lines that were taken back."""
    columns = (
        Order.external_id, Order.source_version, Order.content_digest, Order.store_id, Order.currency, Order.net_fen,
        OrderLine.line_no, OrderLine.quantity, OrderLine.net_fen, Credit.beneficiary_id, AttributionDecision.reason,
    )  # fmt: skip
    wanted = with_sellers(*columns).where(Order.source_id == source.id, OrderLine.quantity > 0)
    return {tuple(row) for row in db.session.execute(wanted)}
