"""A customer has one number and at most one guide of their own, whom nobody takes away before time."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from customers import guide_codes, queries, service
from customers.rules.policies import BindingPolicy
from kit import clock
from kit.codes import fold_code
from kit.db import db, unit_of_work
from kit.ids import new_id
from models import Binding, Customer, Order, Staff, Store
from tests import make, races
from tests.client import Client


def bind(guide: Staff, *, customer_id: UUID | None = None, days_ago: int = 0, **options: Any) -> Binding:
    with unit_of_work():
        customer_id = customer_id or service.ensure_customers({"M1": None})["m1"]
        assert guide.store_id is not None
        return service.bind_customer(
            customer_id=customer_id,
            guide_id=guide.id,
            store_id=guide.store_id,
            now=clock.now() - timedelta(days=days_ago),
            **{"reason": "share", **options},
        )


def set_policy(**settings: Any) -> None:
    with unit_of_work():
        _, version = queries.get_versioned_policy(BindingPolicy)
        service.set_policy(BindingPolicy(**settings), expected_version=version, now=clock.now())


def live_guide(customer_id: UUID) -> UUID | None:
    return db.session.scalar(
        select(Binding.guide_id).where(Binding.customer_id == customer_id, Binding.ended_at.is_(None))
    )


def by_hand(caller: Client, customer_id: UUID, **wanted: str) -> Any:
    return caller.post("/v1/bindings", json={"customer_id": str(customer_id), **wanted})


def test_known_numbers_stay_and_unknown_ones_become_customers(app: object) -> None:
    with unit_of_work():
        first = service.ensure_customers({"M2": None, "M1": None, "m2 ": None})
    with unit_of_work():
        again = service.ensure_customers({"M1": None, "M3": None})
    assert first["m1"] == again["m1"]
    assert set(db.session.scalars(select(Customer.member_no))) == {"M1", "M2", "M3"}


def test_binding_again_to_the_same_guide_changes_nothing(guide: Staff) -> None:
    assert bind(guide, days_ago=1).id == bind(guide).id


def test_a_new_guide_ends_an_old_binding(guide: Staff) -> None:
    old = bind(guide, days_ago=31)
    new = bind(make.guide())
    assert (old.ended_at, old.ended_reason) == (new.bound_at, "takeover")
    assert queries.find_live_bindings([new.customer_id])[new.customer_id].guide_id == new.guide_id


def test_nobody_takes_a_customer_over_before_time(guide: Staff) -> None:
    old = bind(guide, days_ago=29)
    with pytest.raises(service.BindingProtected) as refused:
        bind(make.guide())
    assert refused.value.details == {"until": old.bound_at + timedelta(days=30)}
    assert live_guide(old.customer_id) == guide.id


def test_a_later_policy_does_not_shorten_a_protection_that_was_given(guide: Staff) -> None:
    bind(guide, days_ago=29)
    set_policy(protection_days=1)
    with pytest.raises(service.BindingProtected):
        bind(make.guide())


def test_database_refuses_two_live_bindings(guide: Staff) -> None:
    live = bind(guide)
    columns = {"customer_id": live.customer_id, "guide_id": guide.id, "store_id": guide.store_id, "reason": "x"}
    with pytest.raises(IntegrityError):
        make.save(Binding(**columns, bound_at=clock.now()))


def test_who_was_merged_is_bound_as_the_person_they_are(guide: Staff) -> None:
    survivor = make.person()
    binding = bind(guide, customer_id=make.person(merged_into_id=survivor))
    assert binding.customer_id == survivor


def test_of_two_guides_at_once_one_has_the_customer(app: Any, guide: Staff) -> None:
    customer_id = make.person()
    rivals = [guide, make.guide(), make.guide(), make.guide()]
    outcomes: list[str] = []

    def try_to_bind(rival: Staff) -> None:
        with app.app_context():
            try:
                bind(rival, customer_id=customer_id)
                outcomes.append("bound")
            except service.BindingProtected:
                outcomes.append("protected")

    lock = f"SELECT FROM customer WHERE id = '{customer_id}' FOR UPDATE"
    races.held_at(lock, *(lambda rival=rival: try_to_bind(rival) for rival in rivals))
    assert sorted(outcomes) == ["bound", "protected", "protected", "protected"]
    assert db.session.scalars(select(Binding.ended_at)).all() == [None]


def test_guides_bind_customers_of_their_store_to_themselves(as_guide: Client, guide: Staff) -> None:
    customer_id = make.person(store_id=guide.store_id)
    answer = by_hand(as_guide, customer_id)
    assert (answer.status_code, answer.json["guide_id"], answer.json["reason"]) == (201, str(guide.id), "hand")
    assert answer.json["bound_by"] == str(guide.id)
    assert by_hand(as_guide, customer_id).json["id"] == answer.json["id"]


def test_guides_do_not_bind_to_others_nor_others_customers(as_guide: Client, guide: Staff) -> None:
    colleague = make.guide(store_id=guide.store_id)
    mine = make.person(store_id=guide.store_id)
    assert by_hand(as_guide, mine, guide_id=str(colleague.id)).json["code"] == "guide_unavailable"
    assert by_hand(as_guide, make.person(store_id=make.store().id)).json["code"] == "customer_not_found"
    theirs = bind(colleague, customer_id=make.person(store_id=guide.store_id))
    protected = by_hand(as_guide, theirs.customer_id)
    assert (protected.status_code, protected.json["code"]) == (409, "binding_protected")
    assert theirs.protected_until
    assert datetime.fromisoformat(protected.json["until"]) == theirs.protected_until


def test_managers_bind_whom_they_see_to_guides_whom_they_see(as_manager: Client, guide: Staff) -> None:
    customer_id = make.person(store_id=guide.store_id)
    refused = by_hand(as_manager, customer_id, guide_id=str(make.guide().id))
    assert refused.json["code"] == "guide_unavailable"
    assert by_hand(as_manager, make.person(), guide_id=str(guide.id)).json["code"] == "customer_not_found"
    assert by_hand(as_manager, customer_id, guide_id=str(guide.id)).status_code == 201


def test_a_scanned_code_binds_to_whose_it_is(client: Client, guide: Staff) -> None:
    code = client.sign_in(guide).get("/v1/me/guide-code").json["code"]
    machine = client.with_token(make.api_key(scopes=["customers:write"]))
    answer = by_hand(machine, make.person(), guide_code=code)
    assert (answer.json["guide_id"], answer.json["reason"]) == (str(guide.id), "guide_code")
    forged = by_hand(machine, make.person(), guide_code=code[:-2] + "xx")
    assert (forged.status_code, forged.json["code"]) == (422, "guide_unavailable")


def test_the_code_of_who_left_binds_nobody(client: Client, guide: Staff) -> None:
    guide.left_on = make.yesterday()
    make.save(guide)
    machine = client.with_token(make.api_key(scopes=["customers:write"]))
    refused = by_hand(machine, make.person(), guide_code=guide_codes.write(guide.id))
    assert refused.json["code"] == "guide_unavailable"


def test_the_code_is_also_a_picture_that_scanners_read(as_guide: Client) -> None:
    picture = as_guide.get("/v1/me/guide-code/picture")
    assert (picture.mimetype, picture.data[:8]) == ("image/png", b"\x89PNG\r\n\x1a\n")


def test_history_tells_whose_the_customer_was(as_manager: Client, guide: Staff) -> None:
    first, second = make.guide(store_id=guide.store_id), guide
    customer_id = make.person()
    bind(first, customer_id=customer_id, days_ago=60)
    bind(second, customer_id=customer_id)
    items = as_manager.get(f"/v1/customers/{customer_id}/bindings").json["items"]
    assert [(item["guide_id"], item["ended_reason"]) for item in items] == [
        (str(second.id), None),
        (str(first.id), "takeover"),
    ]
    assert items[1]["ended_at"] == items[0]["bound_at"]


def test_the_first_ever_to_bind_somebody_recruited_them(guide: Staff) -> None:
    later, now = make.guide(), clock.now()
    person, other = make.person(), make.person()
    bind(guide, customer_id=person, days_ago=60)
    bind(later, customer_id=person, days_ago=10)
    bind(later, customer_id=other, days_ago=5)

    def recruits(since: datetime = now - timedelta(days=90)) -> list[tuple[UUID, UUID, str]]:
        found = queries.list_recruits([guide.id, later.id], since=since, until=now)
        return [(one.customer_id, one.guide_id, one.reason) for one in found]

    assert recruits() == [(person, guide.id, "share"), (other, later.id, "share")]
    assert recruits(since=now - timedelta(days=20)) == [(other, later.id, "share")]
    with unit_of_work():
        db.session.execute(update(Binding).where(Binding.customer_id == other).values(ended_at=now))
        db.session.execute(update(Customer).where(Customer.id == other).values(merged_into_id=person))
    assert recruits() == [(person, guide.id, "share")]


@pytest.mark.parametrize("bind_at_till", [True, False])
def test_who_is_served_at_the_till_is_bound_where_the_policy_says_so(guide: Staff, bind_at_till: bool) -> None:
    set_policy(bind_at_till=bind_at_till)
    taken = bind(make.guide(), customer_id=service_member("M7"), days_ago=100)
    store = db.session.get_one(Store, guide.store_id)
    source = make.order_source()
    items = [make.order_item(store=store, served_by=guide, member_no=number) for number in ("M6", "M6", "M7")]
    make.take_orders(source, items)
    bound = db.session.execute(select(Binding.guide_id, Binding.reason).where(Binding.reason == "till")).all()
    assert bound == ([(guide.id, "till")] if bind_at_till else [])
    assert live_guide(taken.customer_id) == taken.guide_id
    orders = set(db.session.scalars(select(Order.id)))
    assert set(db.session.scalars(select(Binding.reference_id).where(Binding.reason == "till"))) <= orders


def service_member(member_no: str) -> UUID:
    with unit_of_work():
        return service.ensure_customers({member_no: None})[fold_code(member_no)]


def test_unknown_customers_are_bound_by_nobody(as_manager: Client, guide: Staff) -> None:
    assert by_hand(as_manager, new_id(), guide_id=str(guide.id)).status_code == 404
