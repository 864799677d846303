"""What was rejected is kept until it is taken: listed, mended, sent again, replaced by a sound version, given up."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from guideapi.app import GuideApp
from kit import clock
from kit.db import db, unit_of_work
from models import AuditEntry, Order, OrderLine, OrderReject, Source, Staff, Store
from orders.service import forget_rejects, rejects, reseal_rejects
from tests import make
from tests.client import Client
from tests.races import held_at

NOBODY = [{"staff_no": "NOBODY", "share_bp": 10_000}]


@pytest.fixture
def store(guide: Staff) -> Store:
    return db.session.get_one(Store, guide.store_id)


@pytest.fixture
def till(app: object) -> Source:
    return make.order_source()


@pytest.fixture
def finance(client: Client) -> Client:
    return client.sign_in(make.staff(roles=["hq_finance"]))


def push(client: Client, till: Source, kind: str, *items: Any) -> list[tuple[str, str | None]]:
    answer = client.post(f"/v1/sources/{till.code}/{kind}", json={"items": list(items)})
    assert answer.status_code == 200, answer.text
    return [(one["outcome"], one.get("code")) for one in answer.json["items"]]


def listed(client: Client, till: Source, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(f"/v1/sources/{till.code}/order-rejects{query}").json["items"]
    return found


def names(found: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [(one["kind"], one["external_id"], one["version"], one["code"]) for one in found]


def test_newest_of_what_was_rejected_is_listed_until_a_sound_version_comes(
    integrator: Client, finance: Client, till: Source, store: Store
) -> None:
    item = make.order_item(store=store, external_id="E-1", version=2)
    bad = {**item, "serving": NOBODY}
    assert push(integrator, till, "orders", {**bad, "version": 1}, bad, 17, {"external_id": "U", "version": 3}) == [
        ("rejected", "unknown_guide"), ("rejected", "unknown_guide"), *[("rejected", "invalid_item")] * 2
    ]  # fmt: skip
    push(integrator, till, "orders", bad, {**bad, "version": 1})
    back = make.refund_item(store=store, external_id="R-1", order="E-1", serving=NOBODY)
    push(integrator, till, "refunds", back)
    everything = listed(finance, till)
    assert sorted(names(everything), key=str) == [
        ("refund", "R-1", 1, "unknown_guide"),
        ("sale", "E-1", 2, "unknown_guide"),
        ("sale", "U", 3, "invalid_item"),
        ("sale", None, None, "invalid_item"),
    ]
    first = next(one for one in everything if one["external_id"] == "E-1")
    assert (first["times"], first["store_code"], first["whole"]) == (2, store.code, True)
    assert names(listed(integrator, till, "?kind=refund&code=unknown_guide")) == names(everything[:1])
    assert listed(finance, till, "?code=nothing") == []
    page = finance.get(f"/v1/sources/{till.code}/order-rejects?limit=3").json
    rest = finance.get(f"/v1/sources/{till.code}/order-rejects?limit=3&cursor={page['next_cursor']}").json
    assert [*page["items"], *rest["items"]] == everything
    # An older one that is sound leaves it; the version itself, made sound, takes its place.
    assert push(integrator, till, "orders", {**item, "version": 1}) == [("created", None)]
    assert ("sale", "E-1", 2, "unknown_guide") in names(listed(finance, till))
    assert push(integrator, till, "orders", item) == [("updated", None)]
    assert ("sale", "E-1", 2, "unknown_guide") not in names(listed(finance, till))


def test_other_content_under_a_version_that_is_held_is_kept_and_taken_once_it_is_numbered(
    integrator: Client, finance: Client, till: Source, store: Store
) -> None:
    item = make.order_item(store=store, external_id="E-1")
    other = {**item, "lines": [make.line(paid=1)]}
    assert push(integrator, till, "orders", item, other) == [("created", None), ("rejected", "version_reused")]
    assert push(integrator, till, "orders", item) == [("unchanged", None)]
    [reject] = listed(finance, till)
    whole = finance.get(f"/v1/order-rejects/{reject['id']}").json
    assert '"paid":1' in whole["item"]
    assert whole["code"] == "version_reused"
    path = f"/v1/order-rejects/{reject['id']}/replays"
    assert finance.post(path, json={"item": {**other, "external_id": "E-2"}}).json["code"] == (
        "order_reject_other_receipt"
    )
    assert finance.post(path, json={"item": {**other, "lines": "?"}}).status_code == 422
    assert finance.post(path, json={}).json["code"] == "version_reused"
    assert finance.post(path, json={"item": {**other, "version": 2}}).json["outcome"] == "updated"
    assert listed(finance, till) == []
    assert db.session.scalars(select(OrderLine.net_fen)).all() == [1]
    acts = db.session.scalars(select(AuditEntry.action).where(AuditEntry.table_name == "order_reject")).all()
    assert acts == ["replayed", "replayed"]
    # A refund, likewise, and what it says there is replaced by the next version of its source.
    push(integrator, till, "refunds", back := make.refund_item(store=store, external_id="R-1", order="E-1"))
    assert push(integrator, till, "refunds", {**back, "reason": "坏了"}) == [("rejected", "version_reused")]
    assert names(listed(finance, till)) == [("refund", "R-1", 1, "version_reused")]
    assert push(integrator, till, "refunds", {**back, "reason": "坏了", "version": 2}) == [("updated", None)]
    assert listed(finance, till) == []


def test_it_is_sent_again_as_it_is_once_what_it_lacked_is_there_or_given_up(
    integrator: Client, finance: Client, till: Source, store: Store
) -> None:
    bad = make.order_item(store=store, external_id="E-1", serving=NOBODY)
    push(integrator, till, "orders", bad, {**bad, "external_id": "E-2"}, {"phone": "13912345678"})
    assert b"13912345678" not in b"".join(db.session.scalars(select(OrderReject.sealed_item)))
    ids = {one["external_id"]: one["id"] for one in listed(finance, till)}
    assert finance.post(f"/v1/order-rejects/{ids['E-1']}/replays").json["code"] == "unknown_guide"
    make.staff(roles=["guide"], staff_no="NOBODY", store_id=store.id)
    assert finance.post(f"/v1/order-rejects/{ids['E-1']}/replays").json["outcome"] == "created"
    assert finance.delete(f"/v1/order-rejects/{ids['E-2']}").status_code == 200
    for gone in ("E-1", "E-2"):
        assert finance.get(f"/v1/order-rejects/{ids[gone]}").json["code"] == "order_reject_not_found"
    # What cannot be read is mended by what can.
    answer = finance.post(f"/v1/order-rejects/{ids[None]}/replays", json={"item": {**bad, "external_id": "E-3"}})
    assert answer.json["outcome"] == "created"
    assert listed(finance, till) == []
    assert set(db.session.scalars(select(Order.external_id))) == {"E-1", "E-3"}


def test_only_so_many_so_long_and_for_so_long(
    integrator: Client, finance: Client, till: Source, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rejects, "MAX_KEPT", 2)
    monkeypatch.setattr(rejects, "MAX_ITEM_BYTES", 300)
    bad = make.order_item(store=store, serving=NOBODY)
    push(integrator, till, "orders", {**bad, "external_id": "E-1"})
    push(integrator, till, "orders", {**bad, "external_id": "E-2", "lines": [make.line(n) for n in range(1, 9)]})
    push(integrator, till, "orders", {**bad, "external_id": "E-3"})
    assert [one["external_id"] for one in listed(finance, till)] == ["E-3", "E-2"]
    cut = listed(finance, till)[1]
    assert cut["whole"] is False
    assert finance.post(f"/v1/order-rejects/{cut['id']}/replays").json["code"] == "order_reject_cut"
    with unit_of_work():
        assert reseal_rejects() is None
        forget_rejects(now=clock.now() + timedelta(days=29))
    assert len(listed(finance, till)) == 2
    with unit_of_work():
        forget_rejects(now=clock.now() + timedelta(days=31))
    assert listed(finance, till) == []


def test_two_batches_at_once_reject_each_others_orders(app: GuideApp, till: Source, store: Store) -> None:
    """Each takes what the other rejects: they wait for each other, and never in a circle."""
    good = [make.order_item(store=store, external_id=name) for name in ("A", "B")]
    bad = [{**one, "version": 2, "serving": NOBODY} for one in good]
    make.take_orders(till, [{**bad[0], "version": 1}, {**bad[1], "version": 1}])
    held_at(
        "SELECT FROM order_reject WHERE external_id = 'A' FOR UPDATE",
        lambda: take(app, till, good[0], bad[1]),
        lambda: take(app, till, good[1], bad[0]),
    )
    db.session.expire_all()
    assert sorted(db.session.scalars(select(Order.external_id))) == ["A", "B"]
    kept = select(OrderReject.external_id, OrderReject.source_version).order_by(OrderReject.external_id)
    assert [tuple(row) for row in db.session.execute(kept)] == [("A", 2), ("B", 2)]


def take(app: GuideApp, till: Source, *items: dict[str, Any]) -> None:
    with app.app_context():
        told = make.take_orders(till, list(items))
    assert [one["outcome"] for one in told] == ["created", "rejected"]
