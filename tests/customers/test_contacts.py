"""Who may be contacted, and that two who ask at once never get the same last place."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from customers import service
from customers.rules.policies import ContactPolicy
from customers.service import Proof, Reserved
from kit import clock
from kit.db import db, unit_of_work
from kit.ids import new_id
from kit.principal import Principal, Reach
from models import BindingTransfer, Contact, Customer, Staff, Store
from tests import make, races
from tests.client import Client

NOON = datetime(2026, 11, 21, 4, tzinfo=UTC)  # 12:00 in Shanghai


def allow(customer_id: UUID, *channels: str) -> None:
    with unit_of_work():
        service.record_consents(
            customer_id=customer_id,
            granted=dict.fromkeys(channels, True),
            proof=Proof(origin="page", given_at=NOON - timedelta(days=300)),
            by=None,
            now=NOON,
        )


def set_policy(**settings: Any) -> None:
    with unit_of_work():
        service.set_policy(ContactPolicy(**settings), expected_version=1, now=NOON)


def check(guide: Staff, *customer_ids: UUID, channel: str = "sms", at: datetime = NOON) -> list[tuple[str, ...]]:
    checked = service.check_contacts(customer_ids, channel=channel, principal=make.principal_of(guide), now=at)
    return [one.verdict.reasons for one in checked]


def reserve(guide: Principal, customer_id: UUID, *, at: datetime = NOON, **options: Any) -> Reserved:
    with unit_of_work():
        [outcome] = service.reserve_contacts(
            [customer_id], guide=guide, now=at, **{"channel": "sms", "reference_id": new_id(), **options}
        )
    return outcome


def test_a_friend_may_be_written_to_but_not_called(guide: Staff) -> None:
    customer_id = make.person(guide=guide)
    assert check(guide, customer_id, channel="wecom") == [()]
    assert check(guide, customer_id, channel="call") == [("no_consent",)]


def test_every_reason_is_given_and_when_it_passes(as_guide: Client, guide: Staff) -> None:
    mine, silent, theirs = make.person(guide=guide), make.person(guide=guide), make.person(guide=make.guide())
    allow(mine, "sms")
    now = clock.now()
    for days in (1, 2):
        make.contact(mine, guide=guide, at=now - timedelta(days=days))
    asked = [str(id_) for id_ in (mine, silent, theirs)]
    answer = as_guide.post("/v1/contact-checks", json={"channel": "sms", "customer_ids": asked}).json["items"]
    assert [item["customer_id"] for item in answer] == asked
    assert "budget_used" in answer[0]["reasons"]
    assert answer[0]["next_allowed_at"] >= (now + timedelta(days=4)).isoformat()
    assert "no_consent" in answer[1]["reasons"]
    assert answer[1]["next_allowed_at"] is None
    assert answer[2] == {
        "customer_id": asked[2],
        "allowed": False,
        "reasons": ["not_found"],
        "detail": "No customer of yours",
        "next_allowed_at": None,
    }


def test_more_than_500_are_refused(as_guide: Client) -> None:
    asked = {"channel": "sms", "customer_ids": [str(new_id()) for _ in range(501)]}
    assert as_guide.post("/v1/contact-checks", json=asked).status_code == 422


def test_contacts_of_every_guide_and_channel_count(guide: Staff) -> None:
    customer_id = make.person(guide=guide)
    make.contact(customer_id, guide=make.guide(), at=NOON - timedelta(days=3), channel="email")
    make.contact(customer_id, guide=guide, at=NOON - timedelta(days=6), channel="call")
    assert check(guide, customer_id, channel="wecom") == [("budget_used",)]
    assert check(guide, customer_id, channel="wecom", at=NOON + timedelta(days=1)) == [()]


def test_contacts_and_words_of_those_who_turned_out_to_be_one_count_together(guide: Staff) -> None:
    survivor, other = make.person(guide=guide), make.person()
    for customer_id in (survivor, other):
        make.contact(customer_id, guide=guide, at=NOON - timedelta(days=1))
    allow(other, "sms")
    with unit_of_work():
        db.session.execute(update(Customer).where(Customer.id == other).values(merged_into_id=survivor))
    assert check(guide, survivor, other) == [("budget_used",), ("budget_used",)]


def test_expired_and_released_places_are_free_again(guide: Staff) -> None:
    customer_id = make.person(guide=guide)
    make.contact(customer_id, guide=guide, at=NOON - timedelta(hours=1), sent_at=None)
    make.contact(customer_id, guide=guide, at=NOON - timedelta(hours=1), released_at=NOON)
    set_policy(week_limit=1)
    assert check(guide, customer_id, channel="wecom") == [()]
    make.contact(customer_id, guide=guide, at=NOON - timedelta(minutes=5), sent_at=None)
    assert check(guide, customer_id, channel="wecom") == [("budget_used",)]


def test_erased_customers_are_left_alone(guide: Staff) -> None:
    customer_id = make.person(guide=guide, erased_at=NOON)
    assert check(guide, customer_id, channel="wecom") == [("erased",)]


def test_a_guide_who_was_refused_does_not_write(guide: Staff) -> None:
    refused = make.staff(roles=["guide", "store_manager"], store_id=guide.store_id)
    customer_id = make.person(guide=guide)
    make.save(
        BindingTransfer(
            customer_id=customer_id,
            from_guide_id=guide.id,
            to_guide_id=refused.id,
            reason="x",
            requested_by=refused.id,
            requested_at=NOON,
            effective_at=NOON,
            refused_at=NOON,
        )
    )
    manager = Principal(id=refused.id, kind="staff", name="", reach=Reach.STORE, store_id=refused.store_id)
    [asked] = service.check_contacts([customer_id], channel="wecom", principal=manager, now=NOON)
    assert asked.verdict.reasons == ("refused_guide",)
    assert check(guide, customer_id, channel="wecom") == [()]


@pytest.mark.parametrize(("of", "quiet"), [("chain", True), ("store", False), ("customer", True)])
def test_the_nearest_quiet_hours_hold_on_the_clocks_of_the_customers_store(app: Any, of: str, quiet: bool) -> None:
    paris = make.guide(store_id=make.store(time_zone="Europe/Paris").id)
    customer_id = make.person(guide=paris)
    set_policy(quiet_from="03:00", quiet_until="06:00")  # 05:00 in Paris
    with unit_of_work():
        if of != "chain":
            service.set_quiet_hours(store_id=paris.store_id, hours=("22:00", "04:00"), now=NOON)
        if of == "customer":
            service.set_quiet_hours(person_id=customer_id, hours=("04:30", "05:30"), now=NOON)
    assert check(paris, customer_id, channel="wecom") == [("quiet_hours",) if quiet else ()]


def test_the_same_reservation_again_is_one_place(guide: Staff) -> None:
    customer_id, forward_id = make.person(guide=guide), new_id()
    caller = make.principal_of(guide)
    first = reserve(caller, customer_id, reference_id=forward_id, channel="wecom")
    again = reserve(caller, customer_id, reference_id=forward_id, channel="wecom")
    assert first.expires_at == again.expires_at == NOON + timedelta(minutes=15)
    sent = reserve(caller, customer_id, reference_id=forward_id, channel="wecom", sent=True)
    assert (sent.verdict.allowed, sent.expires_at) == (True, None)
    assert [row.sent_at for row in db.session.scalars(select(Contact))] == [NOON]


def test_a_reservation_that_expired_is_judged_anew(guide: Staff) -> None:
    customer_id, forward_id = make.person(guide=guide), new_id()
    set_policy(week_limit=1)
    reserve(make.principal_of(guide), customer_id, reference_id=forward_id, channel="wecom")
    later = NOON + timedelta(minutes=20)
    make.contact(customer_id, guide=guide, at=NOON + timedelta(minutes=16))
    late = reserve(make.principal_of(guide), customer_id, reference_id=forward_id, channel="wecom", at=later, sent=True)
    assert late.verdict.reasons == ("budget_used",)


def test_a_released_place_can_be_taken_again(guide: Staff) -> None:
    customer_id, forward_id = make.person(guide=guide), new_id()
    set_policy(week_limit=1)
    caller = make.principal_of(guide)
    reserve(caller, customer_id, reference_id=forward_id, channel="wecom", sent=True)
    assert not reserve(caller, customer_id, channel="wecom").verdict.allowed
    with unit_of_work():
        service.release_contacts(forward_id, now=NOON)
    assert reserve(caller, customer_id, channel="wecom").verdict.allowed


def test_one_person_asked_for_by_two_ids_takes_one_place(guide: Staff) -> None:
    survivor = make.person(guide=guide)
    other = make.person(merged_into_id=survivor)
    with unit_of_work():
        outcomes = service.reserve_contacts(
            [survivor, other], channel="wecom", guide=make.principal_of(guide), reference_id=new_id(), now=NOON
        )
    assert [outcome.verdict.allowed for outcome in outcomes] == [True, True]
    assert db.session.scalars(select(Contact.customer_id)).all() == [survivor]


def test_a_contact_cannot_be_undone_in_the_books(guide: Staff) -> None:
    make.contact(make.person(), guide=guide, at=NOON)
    with pytest.raises(IntegrityError), unit_of_work():
        db.session.execute(update(Contact).values(sent_at=NOON + timedelta(days=1)))


def test_of_those_who_ask_at_once_for_the_last_place_one_gets_it(app: Any, guide: Staff) -> None:
    """Each sees the customer as a manager of the store does; all are held at the customer's row, then let go."""
    customer_id = make.person(guide=guide)
    store = db.session.get_one(Store, guide.store_id)
    set_policy(week_limit=1)
    callers = [make.staff(roles=["guide"], store_id=store.id) for _ in range(5)]
    got: list[Reserved] = []

    def ask(person: Staff) -> None:
        with app.app_context():
            seeing = Principal(id=person.id, kind="staff", name="", reach=Reach.STORE, store_id=store.id)
            got.append(reserve(seeing, customer_id, channel="wecom"))

    lock = f"SELECT FROM customer WHERE id = '{customer_id}' FOR UPDATE"
    races.held_at(lock, *(lambda person=person: ask(person) for person in callers))
    assert Counter(outcome.verdict.reasons for outcome in got) == {(): 1, ("budget_used",): 4}
    assert len(db.session.scalars(select(Contact)).all()) == 1


def test_a_no_that_comes_first_is_heard(app: Any, guide: Staff) -> None:
    customer_id = make.person(guide=guide)

    def withdraw() -> None:
        service.record_consents(
            customer_id=customer_id, granted={"wecom": False}, proof=Proof(origin="page"), by=None, now=NOON
        )

    def send() -> Reserved:
        [outcome] = service.reserve_contacts(
            [customer_id], channel="wecom", guide=make.principal_of(guide), reference_id=new_id(), now=NOON, sent=True
        )
        return outcome

    _, outcome = races.race(app, withdraw, send)
    assert outcome.verdict.reasons == ("no_consent",)


def test_a_no_takes_back_what_was_only_reserved(guide: Staff) -> None:
    customer_id, forward_id = make.person(guide=guide), new_id()
    caller = make.principal_of(guide)
    reserve(caller, customer_id, reference_id=forward_id, channel="wecom")
    with unit_of_work():
        service.record_consents(
            customer_id=customer_id, granted={"wecom": False}, proof=Proof(origin="page"), by=None, now=NOON
        )
    late = reserve(caller, customer_id, reference_id=forward_id, channel="wecom", sent=True)
    assert late.verdict.reasons == ("no_consent",)
