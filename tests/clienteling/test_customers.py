"""Guides recognise their own: by what they remember, by what came last, by what comes next."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from clienteling import service
from clienteling.queries.customers import Row
from guideapi.app import GuideApp
from kit import clock
from kit.db import db, unit_of_work
from models import Customer, Staff, Store
from tests import make
from tests.client import Client


def ids(caller: Client, query: str) -> list[str]:
    answer = caller.get(f"/v1/customers?{query}")
    assert answer.status_code == 200, answer.text
    return [one["id"] for one in answer.json["items"]]


def row_of(caller: Client, customer_id: UUID) -> Row:
    [found] = [one for one in caller.get("/v1/customers").json["items"] if one["id"] == str(customer_id)]
    return dict(found)


def store_of(guide: Staff) -> Store:
    return db.session.get_one(Store, guide.store_id)


def test_three_of_one_family_name_are_told_apart(as_guide: Client, guide: Staff) -> None:
    ming = str(make.customer(guide=guide, name="王小明", phones=["+8613800138000"], member_no="MX-77"))
    hong = str(make.customer(guide=guide, name="王红", phones=["+8613911112222"]))
    li = str(make.customer(guide=guide, name="李小明", phones=[], identities=[("wecom", "wmLI")]))
    as_guide.post(f"/v1/customers/{hong}/tags", json={"add": ["VIP 金卡"]})
    for typed, expected in [
        *(("王", [hong, ming]), ("小明", [li, ming]), ("wxm", [ming]), ("xm", [li, ming]), ("wangh", [hong])),
        *(("8000", [ming]), ("2222", [hong]), ("mx-77", [ming]), ("金卡", [hong]), ("赵", [])),
    ]:
        assert ids(as_guide, f"q={typed}") == expected, typed
    assert ids(as_guide, "q=xm&tag=none") == []


def test_nobody_elses_customers_are_found(as_guide: Client, as_manager: Client, guide: Staff) -> None:
    colleague = make.guide(store_id=guide.store_id)
    mine, hers = str(make.customer(guide=guide, name="王一")), str(make.customer(guide=colleague, name="王二"))
    make.customer(guide=make.guide(), name="王三")
    assert ids(as_guide, "q=王") == [mine]
    assert ids(as_manager, "q=王") == [hers, mine]
    assert ids(as_manager, f"q=王&guide_id={colleague.id}") == [hers]


def test_a_merged_one_is_found_as_who_they_became(as_manager: Client, guide: Staff) -> None:
    kept, gone = make.customer(guide=guide, name="王一"), make.customer(guide=guide, name="王一")
    as_manager.post(f"/v1/customers/{kept}/merges", json={"other_id": str(gone), "reason": "same_person"})
    assert ids(as_manager, "q=王") == [str(kept)]


def test_a_whole_telephone_does_not_go_into_an_address(as_guide: Client) -> None:
    answer = as_guide.get("/v1/customers?q=13800138000")
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["q"])


def test_who_only_reads_or_is_a_machine_does_not_search(client: Client) -> None:
    auditor = client.sign_in(make.staff(roles=["auditor"]))
    machine = client.with_token(make.api_key(scopes=["customers:read"]))
    for caller in (auditor, machine):
        assert caller.get("/v1/customers").status_code == 200
        assert caller.get("/v1/customers?q=wxm").status_code == 403


def test_nobody_searches_through_the_whole_chain(
    client: Client, guide: Staff, as_guide: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("customers.queries.search.MOST_SEARCHED", 2)
    own = [str(make.customer(guide=guide)) for _ in range(2)]
    make.customer(guide=make.guide())
    admin = client.sign_in(make.staff(roles=["hq_admin"]))
    for query in ("q=王", "sort=last_order", "count=true"):
        refused = admin.get(f"/v1/customers?{query}")
        assert (refused.status_code, refused.json["code"]) == (422, "too_many_customers")
        assert admin.get(f"/v1/customers?{query}&store_id={guide.store_id}").status_code == 200
    assert len(ids(admin, "")) == 3
    assert ids(as_guide, "count=true") == own[::-1]


def test_so_many_searches_a_minute(as_guide: Client, app: GuideApp) -> None:
    app.config["RATES_PER_MINUTE"] = {"search": 2}
    try:
        asked = [as_guide.get("/v1/customers?q=w").status_code for _ in range(3)]
        assert as_guide.get("/v1/customers").status_code == 200
    finally:
        app.config["RATES_PER_MINUTE"] = {}
    assert asked == [200, 200, 429]


def test_a_row_says_what_came_last(as_guide: Client, guide: Staff) -> None:
    store, now = store_of(guide), clock.now()
    customer = make.customer(guide=guide, member_no="R1", store_code=store.code)
    bare = row_of(as_guide, customer)
    nothing: dict[str, Any] = {"stage": "prospect", "last_order": None, "last_contact": None, "next_step": None}
    assert {name: bare[name] for name in nothing} == nothing
    goods = [make.line(n, title=f"精华{n}") for n in range(1, 5)]
    order = make.order(store=store, member_no="R1", lines=goods, ordered_at=now - timedelta(days=2))
    make.order(store=store, member_no="R1", ordered_at=now - timedelta(days=9))
    make.contact(customer, guide=guide, at=now - timedelta(days=3))
    with unit_of_work():
        service.rebuild_figures(as_of=now.date(), now=now)
    row = row_of(as_guide, customer)
    assert row["stage"] == "new"
    assert row["last_order"] == {
        "id": str(order.id),
        "at": order.ordered_at.isoformat().replace("+00:00", "Z"),
        "store_name": store.name,
        "net": {"amount": 40_000, "currency": "CNY"},
        "goods": ["精华1", "精华2", "精华3"],
        "lines": 4,
    }
    assert (row["last_contact"]["channel"], row["last_contact"]["guide_name"]) == ("sms", guide.name)


def test_what_was_done_later_than_a_message_is_the_last_contact(as_guide: Client, guide: Staff) -> None:
    now = clock.now()
    customer = make.bound_customer(guide)
    make.contact(customer.id, guide=guide, at=now - timedelta(days=3))
    tomorrow = (now + timedelta(days=1)).date()
    noted = make.follow_up(guide=guide, customer=customer, channel="call", next_on=tomorrow)
    row = row_of(as_guide, customer.id)
    assert row["last_contact"]["channel"] == "call"
    assert row["next_step"] == {"follow_up_id": str(noted), "next_on": tomorrow.isoformat(), "outcome": "reached"}
    make.follow_up(guide=guide, customer=customer, corrects_id=noted)
    assert row_of(as_guide, customer.id)["next_step"] is None


def test_a_row_says_who_may_be_written_to(as_guide: Client, guide: Staff) -> None:
    make.contact_policy()
    customer = make.customer(guide=guide)
    as_guide.post(
        f"/v1/customers/{customer}/consents", json={"granted": {"sms": False, "call": True}, "origin": "form"}
    )
    row = row_of(as_guide, customer)
    states = {one["channel"]: (one["consent"], one["may_write"], one["reasons"]) for one in row["channels"]}
    assert states == {
        "wecom": (None, True, []),
        "wechat": (None, True, []),
        "sms": (False, False, ["no_consent"]),
        "call": (True, True, []),
        "email": (None, False, ["no_consent"]),
    }
    assert row["may_write"] is True
    for day in (1, 2):
        make.contact(customer, guide=guide, at=clock.now() - timedelta(days=day))
    row = row_of(as_guide, customer)
    assert row["may_write"] is False
    assert [one["reasons"] for one in row["channels"] if one["channel"] == "call"] == [["budget_used"]]
    asked = {"channel": "call", "customer_ids": [str(customer)]}
    [checked] = as_guide.post("/v1/contact-checks", json=asked).json["items"]
    assert checked["reasons"] == ["budget_used"]


def test_the_list_goes_by_what_is_asked_page_by_page(as_guide: Client, guide: Staff) -> None:
    store, now = store_of(guide), clock.now()
    people = {name: make.customer(guide=guide, member_no=name, store_code=store.code) for name in "ABCD"}
    for name, days in {"A": 3, "B": 1}.items():
        make.order(store=store, member_no=name, ordered_at=now - timedelta(days=days))
        make.contact(people[name], guide=guide, at=now - timedelta(days=10 - days))
    for name, days in {"B": 5, "C": 2}.items():
        person = db.session.get_one(Customer, people[name])
        make.follow_up(guide=guide, customer=person, next_on=(now + timedelta(days=days)).date())
    for sort, expected in {"newest": "DCBA", "last_order": "BADC", "last_contact": "CBAD", "next_step": "CBDA"}.items():
        wanted = [str(people[name]) for name in expected]
        assert ids(as_guide, f"sort={sort}") == wanted, sort
        seen, cursor = [], ""
        while cursor is not None:
            answer = as_guide.get(f"/v1/customers?limit=1&count=true&sort={sort}{cursor and '&cursor=' + cursor}").json
            seen += [one["id"] for one in answer["items"]]
            cursor = answer["next_cursor"]
            assert answer["total"] == 4
        assert seen == wanted, sort


def test_a_count_is_told_when_asked(as_guide: Client, guide: Staff) -> None:
    for name in ("王一", "王二", "李三"):
        make.customer(guide=guide, name=name)
    assert as_guide.get("/v1/customers?count=true&limit=1").json["total"] == 3
    assert as_guide.get("/v1/customers?count=true&q=王&limit=1").json["total"] == 2
    assert "total" not in as_guide.get("/v1/customers").json


def test_a_cursor_is_of_one_order(as_guide: Client, guide: Staff) -> None:
    for _ in range(2):
        make.customer(guide=guide)
    cursor = as_guide.get("/v1/customers?limit=1&sort=last_order").json["next_cursor"]
    assert as_guide.get(f"/v1/customers?limit=1&sort=next_step&cursor={cursor}").json["code"] == "bad_cursor"


def test_what_may_be_written_changes_the_tag(as_guide: Client, guide: Staff) -> None:
    customer = make.customer(guide=guide)
    tag = as_guide.get("/v1/customers").headers["ETag"]
    make.contact(customer, guide=guide, at=clock.now())
    assert as_guide.get("/v1/customers", headers={"If-None-Match": tag}).status_code == 200


def test_quiet_hours_that_begin_change_the_tag(as_guide: Client, guide: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    make.customer(guide=guide)
    now = clock.now()
    tag = as_guide.get("/v1/customers").headers["ETag"]
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(seconds=61))
    assert as_guide.get("/v1/customers", headers={"If-None-Match": tag}).status_code == 200
