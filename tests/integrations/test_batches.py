"""Webhooks for what happens often: many facts in one message, and nothing written without a subscriber."""

import json
from typing import Any

import pytest
from sqlalchemy import text

from integrations import rules
from integrations.service import batches
from kit.db import db, unit_of_work
from models import Store
from tests import make
from tests.client import Client
from tests.integrations.test_webhooks import deliveries, tell
from tests.simulators.receiver import Receiver

BATCHED = list(batches.TOLD)


def facts() -> int:
    db.session.rollback()
    return int(db.session.scalar(text("SELECT count(*) FROM webhook_fact")) or 0)


def subscribe(as_admin: Client, erp: Receiver, *kinds: str) -> dict[str, Any]:
    body = {"name": "ERP", "url": erp.url, "kinds": list(kinds)}
    answer = as_admin.post("/v1/webhooks/subscriptions", json=body)
    assert answer.status_code == 201, answer.text
    subscription: dict[str, Any] = answer.json
    return subscription


def told(erp: Receiver) -> dict[str, list[dict[str, Any]]]:
    """The items of all messages, by kind."""
    found: dict[str, list[dict[str, Any]]] = {}
    for _, body in erp.received:
        event = json.loads(body)
        found.setdefault(event["type"], []).extend(event["data"]["items"])
    return found


def test_every_batched_kind_is_offered() -> None:
    assert set(BATCHED) <= set(rules.KINDS)


def test_what_happened_comes_in_one_message_a_kind(as_admin: Client, erp: Receiver) -> None:
    guide = make.guide()
    subscribe(as_admin, erp, *BATCHED)
    customers = [make.customer(guide=guide) for _ in range(3)]
    orders = [make.order(store=make.store()) for _ in range(3)]
    content = make.content()
    tell()
    assert len(erp.received) == 3
    heard = told(erp)
    made = {item["customer_id"] for item in heard["customer.changed"] if item["action"] == "created"}
    assert made == {str(customer_id) for customer_id in customers}
    assert {"created", "bound"} <= {item["action"] for item in heard["customer.changed"]}
    assert {(item["order_id"], item["external_id"]) for item in heard["order.changed"]} == {
        (str(order.id), order.external_id) for order in orders
    }
    states = {(item["content_id"], item["state"]) for item in heard["content.changed"]}
    assert states == {(str(content.id), "published")}
    assert facts() == 0
    tell()
    assert len(erp.received) == 3


def test_a_refund_is_told_by_its_own_id(as_admin: Client, erp: Receiver) -> None:
    till, store = make.order_source(), make.store()
    subscribe(as_admin, erp, "order.changed")
    make.take_refunds(till, [make.refund_item(store=store, lines=[{"line_no": 1, "sku": "A", "amount": 1}])])
    tell()
    items = told(erp)["order.changed"]
    assert not any("order_id" in one for one in items)
    item = items[0]
    assert as_admin.get(f"/v1/refunds/{item['refund_id']}").json["external_id"] == item["external_id"]


def test_one_thing_that_changes_often_is_told_once(as_admin: Client, erp: Receiver) -> None:
    content = make.content()
    subscribe(as_admin, erp, "content.changed")
    for category in ("甲", "乙", "丙", "丙"):
        with unit_of_work():
            db.session.execute(text("UPDATE content SET category = :category"), {"category": category})
    assert facts() == 3
    tell()
    assert told(erp) == {
        "content.changed": [{"content_id": str(content.id), "state": "published", "action": "changed"}]
    }


def test_a_message_holds_so_many_and_no_more(as_admin: Client, erp: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    subscribe(as_admin, erp, "customer.changed")
    monkeypatch.setattr(batches, "BATCH", 2)
    made = {str(make.customer()) for _ in range(5)}
    tell()
    sizes = [len(json.loads(body)["data"]["items"]) for _, body in erp.received]
    assert max(sizes) == 2
    assert {item["customer_id"] for item in told(erp)["customer.changed"]} == made


def test_who_subscribes_later_is_told_of_what_comes_later(as_admin: Client, erp: Receiver) -> None:
    subscribe(as_admin, erp, "customer.changed")
    early = make.customer()
    second = subscribe(as_admin, erp, "customer.changed")
    late = make.customer()
    tell()
    owed = [row["payload"]["items"] for row in deliveries() if str(row["subscription_id"]) == second["id"]]
    assert {item["customer_id"] for items in owed for item in items} == {str(late)}
    everybody = {item["customer_id"] for row in deliveries() for item in row["payload"]["items"]}
    assert everybody == {str(early), str(late)}


def test_nothing_is_written_without_a_subscriber(as_admin: Client, erp: Receiver) -> None:
    guide = make.guide()
    make.customer(guide=guide)
    make.order(store=make.store())
    assert facts() == 0
    subscription = subscribe(as_admin, erp, "order.changed")
    make.customer(guide=guide)
    assert facts() == 0
    etag = as_admin.get(f"/v1/webhooks/subscriptions/{subscription['id']}").headers["ETag"]
    paused = as_admin.patch(
        f"/v1/webhooks/subscriptions/{subscription['id']}", json={"active": False}, headers={"If-Match": etag}
    )
    assert paused.status_code == 200
    make.order(store=make.store())
    assert facts() == 0


def test_posted_commissions_are_told_of_by_their_ids(as_admin: Client, erp: Receiver) -> None:
    subscribe(as_admin, erp, "commission.posted")
    guide, sold = make.guide(), make.product()
    sku = db.session.scalar(text("SELECT code FROM sku WHERE product_id = :id"), {"id": sold.id})
    make.plan_version()
    store = db.session.get_one(Store, guide.store_id)
    make.order(store=store, served_by=guide, lines=[make.line(sku=sku)])
    assert make.post_all() == 1
    tell()
    [item] = told(erp)["commission.posted"]
    assert set(item) == {"entry_id", "order_id", "order_line_id", "guide_id", "action"}
    assert item["guide_id"] == str(guide.id)
