"""Versions of the attribution policy: two people, a date, and what was sold since is decided on anew."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from rq import Queue, SimpleWorker
from sqlalchemy import select

from guideapi.app import GuideApp
from kit import jobs
from kit.db import db
from models import AttributionDecision, Order, OrderLine, Staff, Store
from tests import make
from tests.client import Client
from tests.commissions.ledger import balances
from tests.orders.decided import credited, decided

SOLD = datetime(2026, 3, 2, 4, tzinfo=UTC)
CLOSED = datetime(2026, 2, 10, 4, tzinfo=UTC)
SPLIT = [[{"kind": "serving", "share_bp": 6_000}, {"kind": "bound", "share_bp": 4_000}]]


def work() -> None:
    """Run what approving asked for, and what the schedule would, in a worker of this process until nothing is left."""
    connection = jobs.connection()
    Queue("bulk", connection=connection).enqueue(jobs.perform, "orders.jobs:apply_policies", {})
    SimpleWorker(list(jobs.QUEUES), connection=connection).work(burst=True, logging_level="ERROR")


def post(caller: Client, since: str = "2026-01-01T00:00:00+08:00", **policy: Any) -> Any:
    return caller.post("/v1/attribution-policies", json={"policy": policy, "effective_from": since})


def approve(caller: Client, policy_id: str) -> Any:
    assert caller.session_id
    fresh = make.grant(caller.session_id, act="attribution_policy_approval", subject_id=policy_id)
    return caller.post(f"/v1/attribution-policies/{policy_id}/approve", headers=fresh)


@pytest.fixture
def maker(client: Client) -> Client:
    return client.sign_in(make.staff(roles=["hq_commission"]))


@pytest.fixture
def checker(client: Client) -> Client:
    return client.sign_in(make.staff(roles=["hq_finance"]))


def test_a_version_is_written_by_one_approved_by_another_and_applied_to_open_days(
    app: GuideApp, maker: Client, checker: Client, guide: Staff
) -> None:
    store, owner = db.session.get_one(Store, guide.store_id), make.guide(store_id=guide.store_id)
    make.plan_version({"rate_bp": 1_000})
    make.bound_customer(guide=owner, member_no="M1", at=datetime(2026, 1, 1, tzinfo=UTC))
    made = {"store": store, "served_by": guide, "member_no": "M1"}
    sold = make.order(**made, ordered_at=SOLD)
    before = make.order(**made, ordered_at=CLOSED, lines=[make.line(2, paid=500)])
    make.post_all()
    make.pay_period(date(2026, 2, 1), date(2026, 2, 28), state="approved")
    first = decided(1).id
    draft = post(maker, splits=SPLIT)
    assert (draft.status_code, draft.json["number"], draft.json["approved_at"]) == (201, 2, None)
    path = f"/v1/attribution-policies/{draft.json['id']}"
    assert approve(maker, draft.json["id"]).json["code"] == "attribution_policy_same_person"
    assert checker.post(f"{path}/approve").json["code"] == "fresh_code_required"
    # Nothing holds until it is approved, and applied.
    assert credited(1) == {guide.id: 10_000}
    assert approve(checker, draft.json["id"]).status_code == 200
    assert approve(checker, draft.json["id"]).json["code"] == "attribution_policy_approved"
    work()
    assert credited(1) == {guide.id: 6_000, owner.id: 4_000}
    assert (decided(1).policy_version, decided(1).cause, decided(1).order_revision) == (2, "policy", 1)
    assert db.session.get_one(AttributionDecision, first).policy_version == 1
    make.post_all()
    # A closed day keeps its decision and pay, and is listed.
    assert balances() == {guide.id: 650, owner.id: 400, None: -1_050}
    assert decided(2).policy_version == 1
    [withheld] = maker.get(f"{path}/withheld").json["items"]
    assert (withheld["order_id"], withheld["business_day"]) == (str(before.id), "2026-02-10")
    revision = db.session.scalars(select(Order.revision).where(Order.id == sold.id)).one()
    work()
    assert db.session.scalars(select(Order.revision).where(Order.id == sold.id)).one() == revision
    late = post(maker, since="2025-12-01T00:00:00+08:00")
    assert approve(checker, late.json["id"]).json["code"] == "attribution_policy_out_of_order"
    assert [one["number"] for one in maker.get("/v1/attribution-policies").json["items"]] == [3, 2]


@pytest.mark.parametrize(
    ("policy", "field"),
    [
        ({"splits": [[{"kind": "serving", "share_bp": 6_000}, {"kind": "bound", "share_bp": 3_000}]]}, "splits"),
        ({"splits": [[{"kind": "bound", "share_bp": 5_000}, {"kind": "bound", "share_bp": 5_000}]]}, "splits"),
        ({"precedence": ["bound", "bound"]}, "precedence"),
        ({"precedence": ["cookie"]}, "precedence"),
        ({"share_window_days": -1}, "share_window_days"),
        ({"window": 7}, "window"),
    ],
)
def test_a_policy_that_cannot_be_meant_is_refused(maker: Client, policy: dict[str, Any], field: str) -> None:
    refused = post(maker, **policy)
    assert refused.status_code == 422
    [named] = refused.json["errors"]
    assert named.startswith(f"policy.{field}")


def test_orders_are_credited_by_the_version_of_their_own_time(
    app: GuideApp, maker: Client, checker: Client, guide: Staff
) -> None:
    store, owner = db.session.get_one(Store, guide.store_id), make.guide(store_id=guide.store_id)
    make.bound_customer(guide=owner, member_no="M1", at=datetime(2026, 1, 1, tzinfo=UTC))
    approve(checker, post(maker, since="2026-03-01T00:00:00+08:00", precedence=["bound"]).json["id"])
    make.order(store=store, served_by=guide, member_no="M1", ordered_at=CLOSED, lines=[make.line(1)])
    make.order(store=store, served_by=guide, member_no="M1", ordered_at=SOLD, lines=[make.line(2)])
    assert (credited(1), credited(2)) == ({guide.id: 10_000}, {owner.id: 10_000})
    line_id: UUID = db.session.scalars(select(OrderLine.id).where(OrderLine.line_no == 2)).one()
    why = maker.get(f"/v1/order-lines/{line_id}/attribution").json
    assert {one["kind"]: one["reason"] for one in why["candidates"]} == {"serving": "outranked", "bound": "won"}
