"""Two customers who are one person become one, and it can be read what moved."""

from itertools import permutations
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from customers import queries, service
from guideapi.app import GuideApp
from kit import clock
from kit.db import db, unit_of_work
from models import Binding, Customer, CustomerIdentity, CustomerMerge, Staff
from tests import make, races
from tests.client import Client
from tests.make.customers import HQ

PHONE = "+8613800138000"


def merge(survivor: UUID, loser: UUID) -> None:
    with unit_of_work():
        service.merge_customers(customer_id=survivor, other_id=loser, reason="same_person", by=HQ, now=clock.now())


def ask(caller: Client, survivor: UUID, loser: UUID) -> Any:
    return caller.post(f"/v1/customers/{survivor}/merges", json={"other_id": str(loser), "reason": "entered_twice"})


def test_who_shares_a_telephone_is_shown_together(as_manager: Client, guide: Staff) -> None:
    both = [make.customer(guide=guide, phones=[PHONE]) for _ in range(2)]
    make.customer(guide=guide)
    make.customer(guide=make.guide(), phones=[PHONE])
    groups = as_manager.get("/v1/customers/duplicates").json["items"]
    assert [[one["id"] for one in group["customers"]] for group in groups] == [[str(both[1]), str(both[0])]]
    assert groups[0]["same_name"] is True


def test_duplicates_go_by_pages_and_tell_names_apart(client: Client) -> None:
    admin = client.sign_in(make.staff(roles=["hq_admin"]))
    for name in ("张小满", "李大满"):
        for phone in (PHONE, "+8613900139000"):
            make.customer(phones=[phone], name=name)
    first = admin.get("/v1/customers/duplicates?limit=1").json
    second = admin.get(f"/v1/customers/duplicates?limit=1&cursor={first['next_cursor']}").json
    assert first["items"][0]["id"] != second["items"][0]["id"]
    assert second["next_cursor"] is None
    assert first["items"][0]["same_name"] is False


def test_the_survivor_takes_over_what_they_lack(as_manager: Client, guide: Staff) -> None:
    survivor = make.customer(guide=guide, phones=[PHONE], city="上海")
    loser = make.customer(phones=[PHONE, "+8613900139000"], name="别名", city="北京", gender="male", member_no="M9")
    with unit_of_work():
        service.add_tags(
            [(loser, "vip"), (loser, "香氛"), (survivor, "vip")], origin="rule", set_by=None, now=clock.now()
        )
        service.bind_customer(
            customer_id=loser, guide_id=guide.id, store_id=_store(guide), reason="scan", now=clock.now()
        )
    merged = ask(as_manager, survivor, loser).json
    shown = {name: merged[name] for name in ("name", "gender", "city", "member_no", "tags", "guide_staff_no")}
    assert shown == {
        "name": "张*",
        "gender": "male",
        "city": "上海",
        "member_no": "M9",
        "tags": ["vip", "香氛"],
        "guide_staff_no": guide.staff_no,
    }
    assert [one["value"] for one in merged["identities"]] == ["138****8000", "139****9000"]
    trail = as_manager.get(f"/v1/customers/{survivor}/merges").json["items"]
    assert [(one["loser_id"], one["reason"]) for one in trail] == [(str(loser), "entered_twice")]
    moved = trail[0]["moved"]
    assert (moved["profile_fields"], moved["member_no"], moved["tags"]) == (["gender"], True, 1)
    assert len(moved["identities"]) == 1
    assert moved["bindings"].keys() == {"ended"}


def test_who_was_merged_is_who_they_became(as_manager: Client, guide: Staff) -> None:
    survivor, loser = make.customer(guide=guide), make.customer(guide=guide, member_no="M1")
    ask(as_manager, survivor, loser)
    assert as_manager.get(f"/v1/customers/{loser}").json["id"] == str(survivor)
    assert [one["id"] for one in as_manager.get("/v1/customers").json["items"]] == [str(survivor)]
    assert queries.find_customer_ids(["M1"]) == {"m1": survivor}
    again = ask(as_manager, survivor, loser)
    assert (again.status_code, again.json["id"]) == (200, str(survivor))
    assert db.session.scalar(select(func.count()).select_from(CustomerMerge)) == 1


def test_the_guide_of_the_other_goes_along_when_the_survivor_has_none(as_manager: Client, guide: Staff) -> None:
    loser = make.customer(guide=guide)
    code = as_manager.get(f"/v1/stores/{guide.store_id}").json["code"]
    survivor = make.customer(store_code=code)
    assert ask(as_manager, survivor, loser).json["guide_staff_no"] == guide.staff_no
    bindings = {one.customer_id: one for one in db.session.scalars(select(Binding))}
    assert (bindings[loser].ended_reason, bindings[survivor].reason) == ("merged", "merged")


def test_both_must_be_in_sight(as_manager: Client, guide: Staff) -> None:
    mine, theirs = make.customer(guide=guide), make.customer(guide=make.guide())
    for pair in ((mine, theirs), (theirs, mine)):
        assert ask(as_manager, *pair).json["code"] == "customer_not_found"
    assert db.session.scalars(select(CustomerMerge)).all() == []


def test_a_merged_or_erased_customer_merges_no_more(app: object) -> None:
    first, second, third = (make.customer() for _ in range(3))
    merge(first, second)
    with pytest.raises(queries.CustomerNotFound):
        merge(third, second)
    with pytest.raises(queries.CustomerNotFound):
        merge(second, third)


def test_in_whatever_order_everybody_is_one_step_from_who_they_became(app: object) -> None:
    pairs = [(0, 1), (1, 2), (2, 0), (3, 0)]
    for order in permutations(pairs):
        people = [make.customer() for _ in range(4)]
        for survivor, loser in order:
            names = {one: _person(people[one]) for one in (survivor, loser)}
            if names[survivor] != names[loser]:
                merge(names[survivor], names[loser])
        became = {_person(one) for one in people}
        assert len(became) == 1
        rows = db.session.scalars(select(Customer).where(Customer.id.in_(people)))
        assert {row.merged_into_id for row in rows} == {None, *became}
        owners = select(CustomerIdentity.customer_id).where(CustomerIdentity.customer_id.in_(people))
        assert list(db.session.scalars(owners)) == [*became] * 4


def test_the_stricter_word_holds_for_both(as_manager: Client, guide: Staff) -> None:
    survivor, loser = make.customer(guide=guide), make.customer(guide=guide)
    for customer, granted in ((survivor, {"sms": True, "call": True}), (loser, {"sms": False})):
        said = as_manager.post(f"/v1/customers/{customer}/consents", json={"granted": granted, "origin": "form"})
        assert said.status_code == 201, said.text
    ask(as_manager, survivor, loser)
    told = as_manager.get(f"/v1/customers/{survivor}/consents").json["items"]
    assert {one["channel"]: one["granted"] for one in told if one["holds"]} == {"sms": False, "call": True}


def test_of_two_merges_that_cross_one_wins(app: GuideApp) -> None:
    first, second = make.customer(), make.customer()

    def crossing(survivor: UUID, loser: UUID) -> str:
        try:
            service.merge_customers(customer_id=survivor, other_id=loser, reason="same_person", by=HQ, now=clock.now())
        except queries.CustomerNotFound:
            return "too late"
        return "merged"

    outcomes = races.race(app, lambda: crossing(first, second), lambda: crossing(second, first))
    assert outcomes == ("merged", "too late")
    assert (_person(first), _person(second)) == (first, first)


def _person(customer_id: UUID) -> UUID:
    db.session.expire_all()
    row = db.session.get_one(Customer, customer_id)
    return row.merged_into_id or row.id


def _store(guide: Staff) -> UUID:
    assert guide.store_id is not None
    return guide.store_id
