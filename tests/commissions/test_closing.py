"""Periods are made, closed by one and approved by another, one after the other; nothing is posted twice."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from commissions import service
from guideapi.app import GuideApp
from kit import clock, jobs
from kit.db import db, unit_of_work
from models import PayPeriod, ProjectedPay, Staff, Store
from tests import make
from tests.client import Client
from tests.commissions.ledger import balances, entries
from tests.commissions.rules.plans import BY_TABLE, table
from tests.races import race

NOVEMBER = {"first_day": "2026-11-01", "last_day": "2026-11-30"}
DECEMBER = {"first_day": "2026-12-01", "last_day": "2026-12-31"}
SOLD = datetime(2026, 11, 5, 4, tzinfo=UTC)
TIERS = table({0: 100, 5_000: 1_000})


@pytest.fixture
def maker(client: Client) -> Client:
    return client.sign_in(make.staff(roles=["hq_commission"]))


@pytest.fixture
def finance(client: Client) -> Client:
    return client.sign_in(make.staff(roles=["hq_finance"]))


def made(maker: Client, days: dict[str, str]) -> str:
    answer = maker.post("/v1/pay-periods", json=days)
    assert answer.status_code == 201, answer.text
    return str(answer.json["id"])


def act(caller: Client, period_id: str, what: str) -> Any:
    kind = {"close": "pay_period_closing", "approve": "pay_period_approval"}[what]
    assert caller.session_id
    fresh = make.grant(caller.session_id, act=kind, subject_id=period_id)
    return caller.post(f"/v1/pay-periods/{period_id}/{what}", headers=fresh)


def work(period_id: str) -> int:
    with unit_of_work():
        return service.close_period(period_id=UUID(period_id), now=clock.now())


def test_a_period_goes_its_way(client: Client, maker: Client, finance: Client) -> None:
    november, december = made(maker, NOVEMBER), made(maker, DECEMBER)
    assert maker.post("/v1/pay-periods", json=NOVEMBER).json["code"] == "pay_period_overlaps"
    backwards = {"first_day": "2026-12-01", "last_day": "2026-11-30"}
    assert maker.post("/v1/pay-periods", json=backwards).status_code == 422
    assert maker.post(f"/v1/pay-periods/{november}/close").json["code"] == "fresh_code_required"
    assert act(finance, november, "approve").json["code"] == "period_state_forbids"
    assert act(maker, november, "close").json["state"] == "closing"
    assert act(maker, november, "close").json["code"] == "period_state_forbids"
    assert (work(november), work(november)) == (0, 0)
    both = client.sign_in(make.staff(roles=["hq_commission", "hq_finance"]))
    assert act(both, november, "close").json["state"] == "closing"
    work(november)
    assert act(both, november, "approve").json["code"] == "period_self_approval"
    act(maker, december, "close")
    work(december)
    assert act(finance, december, "approve").json["code"] == "earlier_period_open"
    assert act(finance, november, "approve").json["state"] == "approved"
    assert act(maker, november, "close").json["code"] == "period_state_forbids"
    earlier = {"first_day": "2026-10-01", "last_day": "2026-10-31"}
    assert maker.post("/v1/pay-periods", json=earlier).json["code"] == "later_period_closed"
    listed = maker.get("/v1/pay-periods").json["items"]
    assert [(one["id"], one["state"]) for one in listed] == [(december, "in_review"), (november, "approved")]
    assert maker.get(f"/v1/pay-periods/{november}").json == listed[1]
    assert maker.get(f"/v1/pay-periods/{UUID(int=0)}").json["code"] == "pay_period_not_found"


@pytest.fixture
def sold(app: GuideApp, guide: Staff) -> PayPeriod:
    """A period that somebody closes, with one line that a table pays."""
    make.plan_version(whole=[BY_TABLE], tables=[TIERS])
    store = db.session.get_one(Store, guide.store_id)
    make.order(store=store, served_by=guide, ordered_at=SOLD, lines=[make.line(1, paid=4_000)])
    period = make.pay_period(date(2026, 11, 1), date(2026, 11, 30), state="closing")
    db.session.rollback()
    return period


def test_two_workers_close_a_period_once(app: GuideApp, guide: Staff, sold: PayPeriod) -> None:
    period_id = sold.id
    db.session.rollback()
    closings = race(
        app,
        lambda: service.close_period(period_id=period_id, now=clock.now()),
        lambda: service.close_period(period_id=period_id, now=clock.now()),
    )
    assert sorted(closings) == [0, 1]
    assert balances() == {guide.id: 40, None: -40}


def test_late_sales_count_in_the_first_open_period(
    maker: Client, finance: Client, guide: Staff, sold: PayPeriod
) -> None:
    november = str(sold.id)
    assert work(november) == 1
    assert act(finance, november, "approve").status_code == 200
    store = db.session.get_one(Store, guide.store_id)
    make.order(store=store, served_by=guide, ordered_at=SOLD, lines=[make.line(1, paid=6_000)])
    december = made(maker, DECEMBER)
    act(maker, december, "close")
    # Alone it reaches the second tier of December; November keeps its 40.
    assert work(december) == 1
    assert [(str(entry.business_day), entry.signed_fen) for entry in entries()] == [
        ("2026-11-05", 40),
        ("2026-12-01", 600),
    ]


def test_what_closing_would_post_is_told_until_it_is_closed(
    client: Client, maker: Client, as_guide: Client, guide: Staff, sold: PayPeriod
) -> None:
    make.pay_period(date(2026, 10, 1), date(2026, 10, 31))
    store = db.session.get_one(Store, guide.store_id)
    make.order(store=store, served_by=guide, ordered_at=SOLD.replace(month=10), lines=[make.line(1, paid=6_000)])
    colleague = client.sign_in(make.guide(store_id=store.id))
    jobs.perform("commissions.jobs:project_periods", {})
    [period_id] = [str(one.id) for one in db.session.query(PayPeriod).filter_by(state="open")]
    jobs.perform("commissions.jobs:project_period", {"period_id": period_id})

    def projected(caller: Client) -> list[Any]:
        told = caller.get("/v1/commissions/summary").json["projected"]
        keys = ("period_id", "period_ends", "rule", "cause", "amount")
        return [tuple(one[key] for key in keys) for one in told]

    # Of the open period alone: what somebody closes is about to be in the ledger.
    amount = {"amount": 600, "currency": "CNY"}
    expected = [(period_id, "2026-10-31", "tiers", "period_rule", amount)]
    assert projected(as_guide) == projected(client.sign_in(make.staff(roles=["hq_finance"]))) == expected
    assert projected(colleague) == []
    jobs.perform("commissions.jobs:project_period", {"period_id": period_id})
    assert projected(as_guide) == expected
    assert act(maker, period_id, "close").status_code == 202
    assert projected(as_guide) == []
    jobs.perform("commissions.jobs:project_periods", {})
    assert db.session.query(ProjectedPay).count() == 0
