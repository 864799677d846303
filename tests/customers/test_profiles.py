"""Customers are masked, found by who they are, and seen only by those whose they are."""

from typing import Any

import pytest
from sqlalchemy import func, select

from customers import service
from guideapi.app import GuideApp
from kit import clock
from kit.db import db
from kit.errors import DomainError
from kit.ids import new_id
from models import Binding, Customer, CustomerIdentity, Staff
from tests import make, races
from tests.client import Client, new
from tests.make.customers import HQ

ZHANG = {
    "name": "张小满",
    "gender": "female",
    "birthday": "1990-05-17",
    "city": "上海",
    "address": "南京西路 1 号",
    "identities": [{"kind": "phone", "value": "138 0013 8000"}, {"kind": "email", "value": "Zhang@Example.com"}],
}


def count(table: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def values(customer: Any) -> list[str]:
    return [identity["value"] for identity in customer["identities"]]


@pytest.fixture
def as_admin(client: Client) -> Client:
    return client.sign_in(make.staff(roles=["hq_admin"]))


def test_what_is_personal_is_masked(as_guide: Client) -> None:
    made = as_guide.post("/v1/customers", json=new(ZHANG)).json
    shown = {name: made[name] for name in ("name", "gender", "birthday", "city", "address")}
    assert shown == {"name": "张*", "gender": "female", "birthday": "****-05-17", "city": "上海", "address": "****"}
    assert values(made) == ["138****8000", "z***@example.com"]
    assert made["profile_fields"] == ["name", "gender", "birthday", "city", "address"]


def test_what_is_stored_is_sealed(as_guide: Client) -> None:
    as_guide.post("/v1/customers", json=new(ZHANG))
    profile = bytes(db.session.scalars(select(Customer.sealed_profile)).one() or b"")
    assert profile
    assert "张".encode() not in profile
    for identity in db.session.scalars(select(CustomerIdentity)):
        assert b"138" not in identity.sealed_value
        assert b"xample" not in identity.sealed_value


def test_a_guides_new_customer_is_their_own(as_guide: Client, guide: Staff) -> None:
    made = as_guide.post("/v1/customers", json=new(ZHANG)).json
    assert (made["guide_staff_no"], made["store_id"]) == (guide.staff_no, str(guide.store_id))
    assert [one["id"] for one in as_guide.get("/v1/customers").json["items"]] == [made["id"]]
    assert count(Binding) == 1


def test_sent_twice_made_once(as_guide: Client) -> None:
    tap = {"id": str(new_id()), **ZHANG}
    first, second = (as_guide.post("/v1/customers", json=new(tap)) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json == second.json
    assert (count(Customer), count(CustomerIdentity), count(Binding)) == (1, 2, 1)


def test_an_id_is_of_one_customer(as_guide: Client) -> None:
    tap = {"id": str(new_id()), **ZHANG}
    as_guide.post("/v1/customers", json=new(tap))
    answer = as_guide.post("/v1/customers", json=new({**tap, "name": "李四"}))
    assert (answer.status_code, answer.json["code"]) == (409, "customer_id_taken")


def test_a_known_customer_is_told_to_those_who_see_them(as_guide: Client) -> None:
    made = as_guide.post("/v1/customers", json=new(ZHANG)).json
    answer = as_guide.post("/v1/customers", json=new({"name": "某", "identities": [ZHANG["identities"][0]]}))
    assert (answer.status_code, answer.json["code"]) == (409, "customer_known")
    assert answer.json["customer_id"] == made["id"]


def test_of_a_customer_out_of_sight_nothing_is_told(as_guide: Client) -> None:
    theirs = make.customer(guide=make.guide(), phones=["13800138000"])
    answer = as_guide.post("/v1/customers", json=new(ZHANG))
    assert (answer.status_code, answer.json["code"]) == (409, "customer_known")
    assert str(theirs) not in answer.text
    assert "customer_id" not in answer.json
    assert count(Customer) == 1


def test_a_telephone_may_be_shared_when_said_so(as_guide: Client) -> None:
    as_guide.post("/v1/customers", json=new(ZHANG))
    family = {"name": "张大满", "identities": [ZHANG["identities"][0]], "shared_phone": True}
    assert as_guide.post("/v1/customers", json=new(family)).status_code == 201
    found = as_guide.post("/v1/customers/lookups", json={"kind": "phone", "value": "+86 138-0013-8000"}).json
    assert len(found["items"]) == 2


@pytest.mark.parametrize(
    ("kind", "value"),
    [("phone", "123"), ("phone", "+1 555 0100"), ("email", "nobody"), ("mall", "  ")],
)
def test_what_is_no_identity_is_refused(as_guide: Client, kind: str, value: str) -> None:
    answer = as_guide.post("/v1/customers", json=new({"identities": [{"kind": kind, "value": value}]}))
    assert (answer.status_code, answer.json["code"]) == (422, "invalid")
    assert value.strip() == "" or value not in answer.text


def test_looked_up_by_every_way_of_writing(as_guide: Client) -> None:
    made = as_guide.post("/v1/customers", json=new(ZHANG)).json
    for kind, value in [("phone", "13800138000"), ("phone", "0086 13800138000"), ("email", "ZHANG@example.com")]:
        answer = as_guide.post("/v1/customers/lookups", json={"kind": kind, "value": value})
        assert [one["id"] for one in answer.json["items"]] == [made["id"]], value


def test_looked_up_only_in_sight(as_guide: Client, guide: Staff, client: Client) -> None:
    as_guide.post("/v1/customers", json=new(ZHANG))
    make.customer(guide=guide, member_no="M1")
    other = client.sign_in(make.guide())
    for asked in ({"kind": "phone", "value": "13800138000"}, {"kind": "member_no", "value": "M1"}):
        assert other.post("/v1/customers/lookups", json=asked).json["items"] == []
        assert len(as_guide.post("/v1/customers/lookups", json=asked).json["items"]) == 1


def test_who_asks_for_too_many_telephones_is_stopped(as_guide: Client, app: GuideApp) -> None:
    app.config["RATES_PER_MINUTE"] = {"look_up": 3}
    try:
        asked = [
            as_guide.post("/v1/customers/lookups", json={"kind": "phone", "value": f"1380013800{n}"}) for n in range(4)
        ]
    finally:
        app.config["RATES_PER_MINUTE"] = {}
    assert [answer.status_code for answer in asked] == [200, 200, 200, 429]


def test_lists_go_by_pages_newest_first(as_manager: Client, guide: Staff) -> None:
    ids = [str(make.customer(guide=guide)) for _ in range(5)]
    seen, cursor = [], ""
    while cursor is not None:
        answer = as_manager.get(f"/v1/customers?limit=2{cursor and '&cursor=' + cursor}").json
        seen += [one["id"] for one in answer["items"]]
        cursor = answer["next_cursor"]
    assert seen == ids[::-1]


def test_managers_see_the_stores_unbound_ones_too(as_manager: Client, as_guide: Client, guide: Staff) -> None:
    store = db.session.get_one(Staff, guide.id)
    code = as_manager.get(f"/v1/stores/{store.store_id}").json["code"]
    unbound, bound = make.customer(store_code=code), make.customer(guide=guide, store_code=code)
    elsewhere = make.customer(guide=make.guide())
    listed = [one["id"] for one in as_manager.get("/v1/customers").json["items"]]
    assert listed == [str(bound), str(unbound)]
    assert [one["id"] for one in as_guide.get("/v1/customers").json["items"]] == [str(bound)]
    assert [as_manager.get(f"/v1/customers/{one}").status_code for one in (bound, unbound, elsewhere)] == [
        200,
        200,
        404,
    ]


def test_lists_are_narrowed_by_guide_and_store(as_admin: Client, guide: Staff) -> None:
    other = make.guide()
    here, there = str(make.customer(guide=guide)), str(make.customer(guide=other))
    for narrowed, expected in [
        (f"guide_id={guide.id}", [here]),
        (f"store_id={other.store_id}", [there]),
        (f"guide_id={guide.id}&store_id={other.store_id}", []),
        ("mine=true", []),
        ("", [there, here]),
    ]:
        assert [one["id"] for one in as_admin.get(f"/v1/customers?{narrowed}").json["items"]] == expected, narrowed


def test_editing_needs_the_version_that_was_read(as_guide: Client) -> None:
    made = as_guide.post("/v1/customers", json=new(ZHANG)).json
    path = f"/v1/customers/{made['id']}"
    tag = as_guide.get(path).headers["ETag"]
    assert as_guide.get(path, headers={"If-None-Match": tag}).status_code == 304
    changed = as_guide.patch(path, json={"name": "李小满", "city": None}, headers={"If-Match": tag})
    assert (changed.json["name"], changed.json["city"]) == ("李*", None)
    assert changed.json["profile_fields"] == ["name", "gender", "birthday", "address"]
    assert as_guide.patch(path, json={"name": "王"}, headers={"If-Match": tag}).status_code == 412
    assert as_guide.patch(path, json={"name": "王"}).status_code == 428


def test_identities_come_and_go(as_guide: Client) -> None:
    path = f"/v1/customers/{as_guide.post('/v1/customers', json=new(ZHANG)).json['id']}"
    tag = as_guide.get(path).headers["ETag"]
    added = as_guide.post(f"{path}/identities", json={"kind": "wecom", "value": "wmABCDEFGH9x"}).json
    assert added["identities"][-1]["value"] == "wm****9x"
    assert f'"{added["version"]}"' != tag
    assert as_guide.post(f"{path}/identities", json={"kind": "wecom", "value": "wmABCDEFGH9x"}).json == added
    identity = added["identities"][0]["id"]
    assert "138****8000" not in values(as_guide.delete(f"{path}/identities/{identity}").json)
    assert as_guide.delete(f"{path}/identities/{identity}").json["code"] == "identity_not_found"


def test_an_identity_is_of_one_customer(as_guide: Client, guide: Staff) -> None:
    mine = make.customer(guide=guide, identities=[("wechat_union", "oABCDEFGH")])
    other = make.customer(guide=guide)
    answer = as_guide.post(f"/v1/customers/{other}/identities", json={"kind": "wechat_union", "value": "oABCDEFGH"})
    assert (answer.status_code, answer.json["code"], answer.json["customer_id"]) == (409, "customer_known", str(mine))


def test_a_customer_has_so_many_identities(as_guide: Client, guide: Staff) -> None:
    full = make.customer(guide=guide, identities=[("mall", f"mall-{n}") for n in range(20)])
    answer = as_guide.post(f"/v1/customers/{full}/identities", json={"kind": "mall", "value": "one-more"})
    assert (answer.status_code, answer.json["code"]) == (409, "too_many_identities")


def test_machines_need_their_scope(client: Client) -> None:
    reader = client.with_token(make.api_key(scopes=["customers:read"]))
    writer = client.with_token(make.api_key(scopes=["customers:read", "customers:write"]))
    assert reader.post("/v1/customers", json=new(ZHANG)).status_code == 403
    made = writer.post("/v1/customers", json=new({**ZHANG, "member_no": "M7"})).json
    assert made["origin"] == "integrator"
    assert [one["name"] for one in reader.get("/v1/customers").json["items"]] == ["张*"]
    assert writer.post(f"/v1/customers/{made['id']}/reveals", json={"reason": "call"}).status_code == 403


@pytest.mark.parametrize("identity", [("phone", "+8613800138000"), ("wecom", "wmABCDEFGH9x")])
def test_of_two_who_claim_the_same_at_once_one_is_told(app: GuideApp, identity: tuple[str, str]) -> None:
    def claim() -> str:
        try:
            service.create_customer(
                customer_id=new_id(),
                profile={},
                identities=[identity],
                member_no=None,
                store_code=None,
                shared_phone=False,
                by=HQ,
                now=clock.now(),
            )
        except DomainError as refusal:
            db.session.rollback()
            return refusal.code
        return "made"

    assert races.race(app, claim, claim) == ("made", "customer_known")
    assert count(CustomerIdentity) == 1
