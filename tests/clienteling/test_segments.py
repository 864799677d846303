"""Filters find whom they say, of those in sight; they are counted before use, saved, shared and put away."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from clienteling import service
from customers.sealed import index_of, seal_identity
from guideapi.app import GuideApp
from kit import clock
from kit.db import db, unit_of_work
from kit.ids import new_id
from models import Consent, Customer, CustomerFigures, CustomerIdentity, CustomerTag, FiguresState, Staff, Store
from tests import make
from tests.client import Client


def buy(customer: Customer, guide: Staff, *, days_ago: int, paid: int = 10_000) -> None:
    store = db.session.get_one(Store, guide.store_id)
    at = clock.now() - timedelta(days=days_ago, hours=1)
    make.order(store=store, member_no=customer.member_no, ordered_at=at, lines=[make.line(paid=paid)])


def rebuild() -> None:
    with unit_of_work():
        service.rebuild_figures(as_of=clock.now().date(), now=clock.now())


def found(client: Client, **wanted: Any) -> set[str]:
    """Member numbers of those whom a filter finds, which must be as many as are counted."""
    made = client.post("/v1/segments", json={"name": "x", "filter": wanted})
    assert made.status_code == 201, made.text
    listed = client.get(f"/v1/segments/{made.json['id']}/customers").json["items"]
    counted = client.post("/v1/segments/counts", json={"filter": wanted}).json["customers"]
    assert counted == len(listed)
    return {item["member_no"] for item in listed}


@pytest.fixture
def as_admin(client: Client, app: GuideApp) -> Client:
    return client.sign_in(make.staff(roles=["hq_admin"]))


def test_filters_by_figures(as_guide: Client, guide: Staff) -> None:
    for number, (days_ago, paid) in enumerate([(1, 100), (100, 200), (200, 300), (500, 400)]):
        customer = make.bound_customer(guide, member_no=f"M{number}")
        buy(customer, guide, days_ago=days_ago, paid=paid)
    make.bound_customer(guide, member_no="NEVER")
    rebuild()
    assert found(as_guide) == {"M0", "M1", "M2", "M3", "NEVER"}
    assert found(as_guide, stages=["new", "lapsed"]) == {"M0", "M2"}
    assert found(as_guide, stages=["prospect"]) == {"NEVER"}
    assert found(as_guide, stages=["prospect", "lost"]) == {"NEVER", "M3"}
    assert found(as_guide, recency={"from": 4}) == {"M0"}
    assert found(as_guide, monetary={"to": 2}) == {"M0", "M1"}
    assert found(as_guide, net={"from": 200, "to": 300}, currency="CNY") == {"M1", "M2"}
    assert found(as_guide, net={"from": 200, "to": 300}, currency="HKD") == set()
    assert found(as_guide, orders={"to": 0}) == {"M3"}
    long_ago = (clock.now() - timedelta(days=150)).date().isoformat()
    assert found(as_guide, last_order_on={"to": long_ago}) == {"M2", "M3"}


def test_filters_by_person_and_place(as_guide: Client, as_admin: Client, guide: Staff) -> None:
    now, colleague = clock.now(), make.guide(store_id=guide.store_id)
    ann = make.bound_customer(guide, member_no="ANN", profile_fields=["name", "birthday"])
    bob = make.bound_customer(colleague, member_no="BOB", profile_fields=["name"])
    make.save(Customer(member_no="EVE", store_id=guide.store_id))
    make.save(Customer(member_no="FAR", store_id=make.store().id))
    phone = new_id()
    sealed = {
        "blind_index": index_of("phone", "+8613812345678"),
        "sealed_value": seal_identity(phone, "+8613812345678"),
    }
    make.save(CustomerIdentity(id=phone, customer_id=ann.id, kind="phone", **sealed))
    for customer, tag, removed in ((ann, "vip", None), (ann, "cold", now), (bob, "cold", None)):
        columns = {"customer_id": customer.id, "tag": tag, "origin": "person", "removed_at": removed}
        make.save(CustomerTag(**columns, created_at=now - timedelta(days=1)))
    for customer, granted, days_ago in ((ann, True, 2), (bob, True, 2), (bob, False, 1)):
        given = {"given_at": now - timedelta(days=days_ago), "granted": granted, "channel": "sms"}
        make.save(Consent(customer_id=customer.id, **given, origin="form", recorder_kind="staff"))
    assert found(as_admin, store_ids=[str(guide.store_id)]) == {"ANN", "BOB", "EVE"}
    assert found(as_admin, guide_ids=[str(guide.id)]) == {"ANN"}
    assert found(as_admin, bound=False) == {"EVE", "FAR"}
    assert found(as_admin, bound=True) == {"ANN", "BOB"}
    assert found(as_admin, profile_fields=["name", "birthday"]) == {"ANN"}
    assert found(as_admin, identities=["phone"]) == {"ANN"}
    assert found(as_admin, tags_any=["vip", "cold"]) == {"ANN", "BOB"}
    assert found(as_admin, tags_none=["cold"]) == {"ANN", "EVE", "FAR"}
    for state, expected in {"granted": {"ANN"}, "refused": {"BOB"}, "unrecorded": {"EVE", "FAR"}}.items():
        assert found(as_admin, consent={"channel": "sms", "state": state}) == expected
    assert found(as_guide, store_ids=[str(guide.store_id)]) == {"ANN"}


def test_merged_and_erased_customers_are_nobodys(as_admin: Client, guide: Staff) -> None:
    survivor, loser, erased = (make.bound_customer(guide, member_no=number) for number in ("S", "L", "E"))
    with unit_of_work():
        db.session.execute(update(Customer).where(Customer.id == loser.id).values(merged_into_id=survivor.id))
        gone = {"member_no": None, "erased_at": clock.now()}
        db.session.execute(update(Customer).where(Customer.id == erased.id).values(gone))
    assert found(as_admin) == {"S"}


def test_a_segment_finds_what_each_may_see(client: Client, as_admin: Client, as_guide: Client, guide: Staff) -> None:
    mine, theirs = make.bound_customer(guide), make.bound_customer(make.guide())
    shared = as_admin.post("/v1/segments", json={"name": "全部", "filter": {}, "shared": True}).json
    seen = as_guide.get(f"/v1/segments/{shared['id']}/customers").json["items"]
    assert [item["id"] for item in seen] == [str(mine.id)]
    everyone = as_admin.get(f"/v1/segments/{shared['id']}/customers?limit=1").json
    rest = as_admin.get(f"/v1/segments/{shared['id']}/customers?limit=1&cursor={everyone['next_cursor']}").json
    assert [item["id"] for item in (*everyone["items"], *rest["items"])] == [str(theirs.id), str(mine.id)]
    assert seen[0]["stage"] == "prospect"


def test_ones_own_are_private_and_shared_ones_everybodys(client: Client, as_admin: Client, as_guide: Client) -> None:
    private = as_guide.post("/v1/segments", json={"name": "mine", "filter": {"bound": True}}).json
    shared = as_admin.post("/v1/segments", json={"name": "all", "filter": {}, "shared": True}).json
    other = client.sign_in(make.guide())
    assert [item["name"] for item in other.get("/v1/segments").json["items"]] == ["all"]
    assert {item["name"] for item in as_guide.get("/v1/segments").json["items"]} == {"mine", "all"}
    assert other.get(f"/v1/segments/{private['id']}").json["code"] == "segment_not_found"
    assert other.get(f"/v1/segments/{private['id']}/customers").json["code"] == "segment_not_found"
    refused = as_guide.post("/v1/segments", json={"name": "x", "filter": {}, "shared": True})
    assert (refused.status_code, refused.json["code"]) == (403, "segment_not_yours")
    patched = as_guide.patch(f"/v1/segments/{shared['id']}", json={"name": "x"}, headers={"If-Match": '"1"'})
    assert (patched.status_code, patched.json["code"]) == (403, "segment_not_yours")


def test_a_segment_is_changed_and_put_away(as_guide: Client) -> None:
    made = as_guide.post("/v1/segments", json={"name": "a", "filter": {"bound": True}})
    path, etag = f"/v1/segments/{made.json['id']}", f'"{made.json["version"]}"'
    changed = as_guide.patch(path, json={"name": "b", "filter": {"stages": ["lost"]}}, headers={"If-Match": etag})
    assert (changed.json["name"], changed.json["filter"]) == ("b", {"stages": ["lost"]})
    assert as_guide.patch(path, json={"name": "c"}, headers={"If-Match": etag}).status_code == 412
    away = as_guide.patch(path, json={"archived": True}, headers={"If-Match": changed.headers["ETag"]})
    assert away.json["archived"] is True
    assert as_guide.get("/v1/segments").json["items"] == []
    back = as_guide.patch(path, json={"archived": False}, headers={"If-Match": away.headers["ETag"]})
    assert (back.json["archived"], len(as_guide.get("/v1/segments").json["items"])) == (False, 1)


@pytest.mark.parametrize(
    "wanted",
    [
        {"recency": {"from": 0}},
        {"recency": {}},
        {"monetary": {"from": 5, "to": 1}},
        {"stages": ["gone"]},
        {"stages": []},
        {"currency": "yuan"},
        {"birthday": "05-17"},
        {"store_ids": ["x"]},
        {"consent": {"channel": "fax"}},
        {"last_order_on": {"from": "2026-02-30"}},
    ],
    ids=str,
)
def test_filters_that_mean_nothing_are_refused(as_guide: Client, wanted: dict[str, Any]) -> None:
    for path, body in (("/v1/segments/counts", {}), ("/v1/segments", {"name": "x"})):
        assert as_guide.post(path, json={**body, "filter": wanted}).status_code == 422


def test_limits_hold_from_when_they_are_set(as_admin: Client, guide: Staff, run_jobs: Any) -> None:
    buy(make.bound_customer(guide), guide, days_ago=100)
    shown = as_admin.get("/v1/life-cycle").json
    assert (shown["active_days"], shown["figures_as_of"]) == (90, None)
    assert as_admin.post("/v1/segments/refreshes").status_code == 202
    run_jobs()
    assert db.session.scalar(select(CustomerFigures.stage)) == "at_risk"
    limits = {"window_days": 365, "new_days": 30, "active_days": 120, "at_risk_days": 150, "lapsed_days": 300}
    assert as_admin.post("/v1/life-cycle", json=limits).status_code == 201
    run_jobs()
    db.session.expire_all()
    assert db.session.scalar(select(CustomerFigures.stage)) == "active"
    state = db.session.scalars(select(FiguresState)).one()
    now = as_admin.get("/v1/life-cycle").json
    assert {name: now[name] for name in limits} == limits == state.limits
    assert now["figures_as_of"] == state.as_of.isoformat()
    assert as_admin.post("/v1/life-cycle", json={**limits, "active_days": 200}).status_code == 422
