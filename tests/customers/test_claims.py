"""Who may claim whom: numbers are the till's, and a guide's own word for whose a customer is earns nothing."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from customers import queries, service
from customers.rules.policies import BindingPolicy
from customers.service.identities import CustomerKnown
from guideapi.app import GuideApp
from kit import clock
from kit.db import db, unit_of_work
from kit.errors import DomainError
from kit.ids import new_id
from models import AttributionDecision, Binding, Credit, Customer, Order, Source, Staff, Store
from tests import make
from tests.client import Client, new
from tests.make.customers import HQ
from tests.orders.decided import with_sellers
from tests.races import race

PHONE = {"kind": "phone", "value": "13800138000"}


@pytest.fixture
def till(client: Client) -> Client:
    """A till: it may push orders, and nothing else."""
    return client.with_token(make.api_key(scopes=["orders:write"]))


@pytest.fixture
def source(app: GuideApp) -> Source:
    return make.order_source()


@pytest.fixture
def store(guide: Staff) -> Store:
    return db.session.get_one(Store, guide.store_id)


def buy(source: Source, store: Store, member_no: str, *, served_by: Staff | None = None, **item: Any) -> Any:
    """Who got credit for an order of now, and every candidate's reason."""
    item = {"ordered_at": clock.now(), **item}
    order = make.order(source=source, store=store, member_no=member_no, served_by=served_by, **item)
    line = with_sellers(Credit.beneficiary_id, AttributionDecision.candidates).where(Order.id == order.id)
    guide_id, candidates = db.session.execute(line).one()
    return guide_id, {one["kind"]: one["reason"] for one in candidates}


def bind(caller: Client, **wanted: Any) -> Any:
    return caller.post("/v1/bindings", json={name: str(value) for name, value in wanted.items()})


def look_up(caller: Client, member_no: str) -> list[str]:
    answer = caller.post("/v1/customers/lookups", json={"kind": "member_no", "value": member_no})
    return [one["id"] for one in answer.json["items"]]


def recruits(guide: Staff) -> list[UUID]:
    span = {"since": clock.now() - timedelta(days=9), "until": clock.now() + timedelta(days=9)}
    return [one.customer_id for one in queries.list_recruits([guide.id], **span)]


@pytest.mark.parametrize("role", ["guide", "store_manager"])
def test_people_in_shops_give_no_member_numbers(client: Client, role: str) -> None:
    caller = client.sign_in(make.staff(roles=[role]))
    answer = caller.post("/v1/customers", json=new({"member_no": "M1", "identities": [PHONE]}))
    assert (answer.status_code, answer.json["code"]) == (403, "member_no_not_yours")
    assert db.session.scalar(select(func.count()).select_from(Customer)) == 0


def test_administrators_and_integrators_do(client: Client) -> None:
    machine = client.with_token(make.api_key(scopes=["customers:write"]))
    admin = client.sign_in(make.staff(roles=["hq_admin"]))
    for caller, member_no in ((machine, "M1"), (admin, "M2")):
        assert caller.post("/v1/customers", json=new({"member_no": member_no})).status_code == 201
    assert machine.post("/v1/customers", json=new({"member_no": "\u3000"})).status_code == 422
    taken = admin.post("/v1/customers", json=new({"member_no": "m1 "}))
    assert (taken.status_code, taken.json["code"]) == (409, "customer_known")
    assert [taken.json["customer_id"]] == look_up(admin, "M1")


def test_two_creations_with_one_number_make_one_customer(app: GuideApp) -> None:
    def create(member_no: str) -> str:
        try:
            service.create_customer(
                customer_id=new_id(),
                profile={},
                identities=[],
                member_no=member_no,
                store_code=None,
                shared_phone=False,
                by=HQ,
                now=clock.now(),
            )
        except CustomerKnown as refusal:
            return str(refusal.details["customer_id"])
        return "created"

    first, second = race(app, lambda: create("MRG-A"), lambda: create("mrg-a "))
    assert (first, second) == ("created", str(db.session.scalars(select(Customer.id)).one()))


def test_the_newcomer_at_the_till(as_guide: Client, guide: Staff, source: Source, store: Store) -> None:
    """The receipt came before the profile: whoever served them finds them, and makes them their own."""
    buy(source, store, "M1", served_by=guide)
    [customer_id] = look_up(as_guide, "m1 ")
    seen = as_guide.get(f"/v1/customers/{customer_id}").json
    assert (seen["member_no"], seen["store_code"], seen["guide_id"]) == ("M1", store.code, None)
    added = as_guide.post(f"/v1/customers/{customer_id}/identities", json=PHONE)
    assert added.status_code == 200
    known = as_guide.post("/v1/customers", json=new({"name": "张", "identities": [PHONE]}))
    assert (known.status_code, known.json["customer_id"]) == (409, customer_id)
    assert as_guide.get(f"/v1/customers/{customer_id}/timeline").status_code == 200
    assert bind(as_guide, customer_id=customer_id).json["guide_id"] == str(guide.id)


def test_whom_one_served_is_seen_in_that_store_for_a_while(
    as_guide: Client, client: Client, guide: Staff, source: Source, store: Store
) -> None:
    buy(source, store, "M1", served_by=guide, ordered_at=clock.now() - timedelta(days=364))
    buy(source, store, "M2", served_by=guide, ordered_at=clock.now() - timedelta(days=367))
    assert len(look_up(as_guide, "M1")) == 1
    assert look_up(as_guide, "M2") == []
    colleague, stranger = make.guide(store_id=store.id), make.guide()
    assert look_up(client.sign_in(colleague), "M1") == look_up(client.sign_in(stranger), "M1") == []
    with unit_of_work():
        service.set_policy(BindingPolicy(served_months=11), expected_version=1, now=clock.now())
    assert look_up(as_guide, "M1") == []
    with unit_of_work():
        service.set_policy(BindingPolicy(served_months=24), expected_version=2, now=clock.now())
    assert len(look_up(as_guide, "M1")) == len(look_up(as_guide, "M2")) == 1
    make.move(
        guide, to=db.session.get_one(Store, stranger.store_id), day=clock.business_day(clock.now(), store.time_zone)
    )
    assert look_up(as_guide, "M1") == []
    assert as_guide.get("/v1/customers").json["items"] == []


def test_a_claim_by_hand_earns_nothing_until_the_till_confirms_it(
    as_guide: Client, till: Client, guide: Staff, source: Source, store: Store
) -> None:
    customer_id = make.customer(member_no="M1", store_code=store.code)
    claim = bind(as_guide, customer_id=customer_id).json
    assert (claim["reason"], claim["confirmed_at"], claim["confirmed_how"]) == ("hand", None, None)
    assert buy(source, store, "M1") == (None, {"bound": "unconfirmed"})
    assert recruits(guide) == []
    confirmed = bind(till, member_no="m1", staff_no=guide.staff_no.lower()).json
    assert (confirmed["id"], confirmed["confirmed_how"]) == (claim["id"], "till")
    with time_machine.travel(clock.now() + timedelta(minutes=1)):
        assert bind(till, member_no="M1", guide_id=guide.id, confirmed_by="channel").json == confirmed
        assert bind(as_guide, customer_id=customer_id).json == confirmed
        assert buy(source, store, "M1") == (guide.id, {"bound": "won"})
    assert recruits(guide) == [customer_id]


def test_serving_at_the_till_confirms_ones_own_claim(
    as_guide: Client, guide: Staff, source: Source, store: Store
) -> None:
    customer_id = make.customer(member_no="M1", store_code=store.code)
    bind(as_guide, customer_id=customer_id)
    colleague = make.guide(store_id=store.id)
    assert buy(source, store, "M1", served_by=colleague)[1] == {"serving": "won", "bound": "unconfirmed"}
    assert db.session.scalars(select(Binding.confirmed_at)).one() is None
    buy(source, store, "M1", served_by=guide)
    with time_machine.travel(clock.now() + timedelta(minutes=1)):
        assert buy(source, store, "M1") == (guide.id, {"bound": "won"})
    db.session.expire_all()
    assert db.session.scalars(select(Binding.confirmed_how)).one() == "till"
    assert recruits(guide) == [customer_id]


def test_a_new_customer_of_a_guide_is_a_claim(as_guide: Client, guide: Staff) -> None:
    made = as_guide.post("/v1/customers", json=new({"name": "张", "identities": [PHONE]})).json
    [binding] = as_guide.get(f"/v1/customers/{made['id']}/bindings").json["items"]
    assert (binding["bound_by"], binding["confirmed_at"]) == (str(guide.id), None)
    assert recruits(guide) == []


def test_sending_ones_own_code_shows_no_scan(as_guide: Client, client: Client, guide: Staff, store: Store) -> None:
    customer_id = make.customer(store_code=store.code)
    code = as_guide.get("/v1/me/guide-code").json["code"]
    assert bind(as_guide, customer_id=customer_id, guide_code=code).json["confirmed_how"] is None
    machine = client.with_token(make.api_key(scopes=["customers:write"]))
    assert bind(machine, customer_id=customer_id, guide_code=code).json["confirmed_how"] == "scan"
    assert recruits(guide) == [customer_id]


def test_who_is_given_to_a_guide_earns_and_is_no_recruit(
    as_manager: Client, guide: Staff, source: Source, store: Store
) -> None:
    customer_id = make.customer(member_no="M1", store_code=store.code)
    given = bind(as_manager, customer_id=customer_id, staff_no=f" {guide.staff_no}").json
    assert (given["reason"], given["confirmed_how"]) == ("hand", "manager")
    with time_machine.travel(clock.now() + timedelta(minutes=1)):
        assert buy(source, store, "M1") == (guide.id, {"bound": "won"})
    assert recruits(guide) == []


def test_a_till_binds_a_member_before_their_first_receipt(till: Client, guide: Staff, store: Store) -> None:
    made = bind(till, member_no="M9", staff_no=guide.staff_no)
    assert (made.status_code, made.json["reason"], made.json["confirmed_how"]) == (201, "till", "till")
    customer = db.session.scalars(select(Customer)).one()
    assert (customer.member_no, customer.store_id) == ("M9", store.id)
    assert bind(till, member_no="M9", staff_no="nobody").json["code"] == "guide_unavailable"
    assert bind(till, member_no="\u3000", staff_no=guide.staff_no).status_code == 422
    assert till.get("/v1/customers").status_code == 403


def test_what_only_machines_may_say(as_guide: Client, store: Store) -> None:
    customer_id = make.customer(store_code=store.code)
    refused = bind(as_guide, customer_id=customer_id, confirmed_by="till")
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["confirmed_by"])
    assert bind(as_guide, member_no="unknown").json["code"] == "customer_not_found"


@pytest.mark.parametrize(
    "wanted",
    [
        {},
        {"customer_id": str(new_id()), "member_no": "M1"},
        {"member_no": "M1", "staff_no": "G1", "guide_id": str(new_id())},
        {"member_no": "M1", "staff_no": "G1", "guide_code": "x"},
    ],
)
def test_one_customer_and_one_guide(till: Client, wanted: dict[str, str]) -> None:
    assert till.post("/v1/bindings", json=wanted).status_code == 422


@pytest.mark.parametrize("till_first", [True, False])
def test_of_a_claim_and_the_till_at_once_the_till_has_the_customer(
    app: GuideApp, guide: Staff, store: Store, till_first: bool
) -> None:
    customer_id = make.customer(store_code=store.code)
    at_the_till = make.guide(store_id=store.id)

    def attempt(by: Staff | None) -> str:
        principal = make.principal_of(by) if by else HQ
        wanted = service.Wanted(guide_id=by.id if by else at_the_till.id)
        try:
            service.bind_by_hand(customer_id, wanted=wanted, by=principal, now=clock.now())
        except DomainError as refusal:
            return refusal.code
        return "bound"

    calls = [lambda: attempt(None), lambda: attempt(guide)]
    outcomes = race(app, *(calls if till_first else reversed(calls)))
    assert outcomes == (("bound", "binding_protected") if till_first else ("bound", "bound"))
    live = select(Binding).where(Binding.ended_at.is_(None))
    binding = db.session.scalars(live).one()
    assert (binding.guide_id, binding.confirmed_how) == (at_the_till.id, "till")


def test_a_claim_does_not_take_a_confirmed_customer_before_time(as_guide: Client, guide: Staff, store: Store) -> None:
    customer_id = make.customer(guide=make.guide(store_id=store.id), store_code=store.code)
    assert bind(as_guide, customer_id=customer_id).json["code"] == "binding_protected"


def test_what_is_merged_stays_as_confirmed_as_it_was(as_guide: Client, guide: Staff, store: Store) -> None:
    loser, survivor = (make.customer(store_code=store.code) for _ in range(2))
    bind(as_guide, customer_id=loser)
    with unit_of_work():
        service.merge_customers(customer_id=survivor, other_id=loser, reason="same_person", by=HQ, now=clock.now())
    live = db.session.scalars(select(Binding).where(Binding.ended_at.is_(None))).one()
    assert (live.customer_id, live.confirmed_at) == (survivor, None)


@pytest.mark.parametrize("columns", [{"confirmed_how": "till"}, {"confirmed_at": clock.now()}, {"confirmed_how": "x"}])
def test_the_database_refuses_half_a_confirmation(guide: Staff, columns: dict[str, Any]) -> None:
    if columns.get("confirmed_how") == "x":
        columns = {**columns, "confirmed_at": clock.now()}
    whose = {"customer_id": make.customer(), "guide_id": guide.id, "store_id": guide.store_id, "reason": "hand"}
    with pytest.raises(IntegrityError, match="ck_binding_confirmed"):
        make.save(Binding(**whose, bound_at=clock.now(), **columns))
    db.session.rollback()


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": "张"}, "identities"),
        ({"name": "张", "identities": []}, "identities"),
        ({"name": " ", "identities": [PHONE]}, "name"),
        ({"name": "\u3000\u200b", "identities": [PHONE]}, "name"),
        ({"birthday": "2990-01-01", "identities": [PHONE]}, "birthday"),
        ({"birthday": "1899-12-31", "identities": [PHONE]}, "birthday"),
    ],
)
def test_nobody_in_particular_is_refused(as_guide: Client, given: dict[str, Any], field: str) -> None:
    answer = as_guide.post("/v1/customers", json=new(given))
    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])
    assert db.session.scalar(select(func.count()).select_from(Customer)) == 0


@pytest.mark.parametrize("change", [{"name": "\t"}, {"birthday": "2990-01-01"}, {"city": "\u00a0"}])
def test_nor_is_anybody_changed_into_that(as_guide: Client, guide: Staff, change: dict[str, str]) -> None:
    path = f"/v1/customers/{make.customer(guide=guide)}"
    etag = {"If-Match": as_guide.get(path).headers["ETag"]}
    assert as_guide.patch(path, json=change, headers=etag).status_code == 422
    born = as_guide.patch(path, json={"birthday": clock.now().date().isoformat()}, headers=etag)
    assert born.status_code == 200
