"""Receipts whose seller nobody knows: the store's manager says who it was, and they are taken so."""

from typing import Any

import pytest
from sqlalchemy import select

from kit.db import db
from models import AuditEntry, Credit, Order, OrderLine, Source, Staff, Store
from orders.service import rejects
from tests import make
from tests.client import Client

NOBODY = [{"staff_no": "NOBODY", "share_bp": 10_000}]


@pytest.fixture
def store(guide: Staff) -> Store:
    return db.session.get_one(Store, guide.store_id)


@pytest.fixture
def manager(store: Store) -> Staff:
    return make.staff(roles=["store_manager"], store_id=store.id)


def reject(source: Source, store: Store, **fields: Any) -> dict[str, Any]:
    item = make.order_item(store=store, **{"serving": NOBODY, **fields})
    assert [one["code"] for one in make.take_orders(source, [item])] == ["unknown_guide"]
    return item


def listed(client: Client, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(f"/v1/unknown-sellers{query}").json["items"]
    return found


def name(client: Client, one: dict[str, Any], staff_no: str) -> dict[str, Any]:
    found: dict[str, Any] = client.post(f"/v1/unknown-sellers/{one['id']}/seller", json={"staff_no": staff_no}).json
    return found


def sold_by(external_id: str) -> dict[int, dict[str, int]]:
    """By line, the shares of its sellers."""
    shares = (
        select(OrderLine.line_no, Staff.staff_no, Credit.share_bp)
        .join(Order, Order.id == OrderLine.order_id)
        .join(Credit, Credit.line_id == OrderLine.id)
        .join(Staff, Staff.id == Credit.beneficiary_id)
        .where(Order.external_id == external_id, Credit.role == "seller")
    )
    found: dict[int, dict[str, int]] = {}
    for line_no, staff_no, share_bp in db.session.execute(shares):
        found.setdefault(line_no, {})[staff_no] = share_bp
    return found


def test_a_manager_names_who_sold_and_the_receipt_is_taken(
    client: Client, guide: Staff, store: Store, manager: Staff
) -> None:
    till, other = make.order_source(), make.guide(store_id=store.id)
    halves = [{"staff_no": staff_no, "share_bp": 5_000} for staff_no in ("NOBODY", guide.staff_no)]
    thirds = [{"staff_no": no, "share_bp": bp} for no, bp in ((other.staff_no, 4_000), ("A", 3_000), ("B", 3_000))]
    lines = [make.line(1), make.line(2, serving=halves), make.line(3, serving=thirds)]
    reject(till, store, external_id="E-1", lines=lines)
    assert make.take_refunds(till, [make.refund_item(store=store, external_id="R-1", order="E-1", serving=NOBODY)])
    as_manager = client.sign_in(manager)
    refund, order = listed(as_manager)
    assert [(one["external_id"], one["kind"]) for one in (order, refund)] == [("E-1", "sale"), ("R-1", "refund")]
    assert name(as_manager, order, f" {guide.staff_no.lower()} ")["outcome"] == "created"
    whole, part, most = guide.staff_no, {other.staff_no: 4_000}, 6_000
    assert sold_by("E-1") == {1: {whole: 10_000}, 2: {whole: 10_000}, 3: {**part, whole: most}}
    assert name(as_manager, refund, guide.staff_no)["outcome"] == "created"
    assert listed(as_manager) == []
    named = select(AuditEntry.principal_id).where(AuditEntry.action == "seller_named")
    assert db.session.scalars(named).all() == [manager.id] * 2
    assert name(as_manager, order, guide.staff_no)["code"] == "order_reject_not_found"


def test_nobody_names_themselves_or_somebody_out_of_sight(
    client: Client, guide: Staff, store: Store, manager: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    till, far = make.order_source(), make.store()
    stranger = make.guide(store_id=far.id)
    reject(till, store, external_id="E-1")
    reject(till, far, external_id="E-2")
    make.take_orders(till, [make.order_item(store=store, external_id="E-3", lines=[make.line(paid=-1)])])
    as_manager, as_head = client.sign_in(manager), client.sign_in(make.staff(roles=["hq_finance"]))
    [mine], [_, theirs] = listed(as_manager), sorted(listed(as_head), key=lambda one: str(one["external_id"]))
    assert (mine["external_id"], mine["code"], theirs["external_id"]) == ("E-1", "unknown_guide", "E-2")
    assert [one["id"] for one in listed(as_head, f"?store_id={far.id}")] == [theirs["id"]]
    assert [one["id"] for one in listed(as_head, "?limit=1")] == [theirs["id"]]
    assert listed(as_manager, f"?store_id={far.id}") == []
    assert name(as_manager, mine, manager.staff_no)["code"] == "in_own_favour"
    assert [name(as_manager, mine, no)["code"] for no in (stranger.staff_no, "NOBODY")] == ["staff_not_found"] * 2
    assert name(as_manager, theirs, guide.staff_no)["code"] == "order_reject_not_found"
    assert [one["external_id"] for one in listed(as_manager)] == ["E-1"]
    monkeypatch.setattr(rejects, "MAX_ITEM_BYTES", 100)
    reject(till, store, external_id="E-4")
    assert name(as_manager, listed(as_manager)[0], guide.staff_no)["code"] == "order_reject_cut"


def test_what_is_wrong_besides_keeps_it_rejected(client: Client, guide: Staff, store: Store, manager: Staff) -> None:
    till = make.order_source()
    reject(till, store, external_id="E-1", lines=[make.line(paid=100, tax=200)])
    as_manager = client.sign_in(manager)
    told = name(as_manager, listed(as_manager)[0], guide.staff_no)
    assert (told["outcome"], told["code"]) == ("rejected", "crooked_line")
    assert listed(as_manager) == []
    as_head = client.sign_in(make.staff(roles=["hq_finance"]))
    [kept] = as_head.get(f"/v1/sources/{till.code}/order-rejects").json["items"]
    assert (kept["external_id"], kept["code"]) == ("E-1", "crooked_line")
