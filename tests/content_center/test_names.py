"""Whose name a forward says: nobody's who may not be written to, and no more than a person may be shown."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from customers import service as customers_service
from customers.service import Proof
from guideapi.app import GuideApp
from kit import clock
from kit.db import db, unit_of_work
from kit.ids import new_id
from models import AuditEntry, Content, CustomerReveal, Forward, Staff
from tests import make, races
from tests.client import Client

HELLO = {"default": "{customer_name}，{guide_name}为您推荐"}
NAME = "张小满"
pytestmark = pytest.mark.usefixtures("loud")


@pytest.fixture
def content(app: GuideApp) -> Content:
    return make.content(saying={"texts": HELLO})


@pytest.fixture
def two_an_hour(app: GuideApp) -> Iterator[None]:
    app.config["REVEALS"] = {"hour": 2, "day": 5}
    yield
    app.config["REVEALS"] = {}


def say_no(*customer_ids: UUID) -> None:
    with unit_of_work():
        for customer_id in customer_ids:
            customers_service.record_consents(
                customer_id=customer_id,
                granted={"wecom": False},
                proof=Proof(origin="page"),
                by=None,
                now=clock.now(),
            )


def tap(content: Content, *customer_ids: UUID) -> dict[str, Any]:
    target = {"kind": "customers", "customer_ids": [str(id_) for id_ in customer_ids]}
    return {"id": str(new_id()), "channel": "wecom_chat", "target": target}


def send(client: Client, content: Content, tap: dict[str, Any], **headers: str) -> Any:
    return client.post(f"/v1/content/{content.id}/forwards", json=tap, headers=headers)


def count(table: type[Forward | CustomerReveal]) -> int:
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def test_forward_to_nobody_who_may_be_written_to_says_why_and_nothing_else(
    as_guide: Client, guide: Staff, content: Content
) -> None:
    people = [make.customer(guide=guide) for _ in range(2)]
    say_no(*people)
    for aimed_at in (people[:1], people):
        answer = send(as_guide, content, tap(content, *aimed_at))
        assert (answer.status_code, answer.json["code"]) == (409, "nobody_to_contact")
        assert {one["customer_id"]: one["reasons"] for one in answer.json["skipped"]} == {
            str(id_): ["no_consent"] for id_ in aimed_at
        }
        assert NAME not in answer.text
        assert "/s/" not in answer.text
    assert (count(Forward), count(CustomerReveal)) == (0, 0)


def test_quiet_hours_and_budgets_stand_against_it_too(as_guide: Client, guide: Staff, content: Content) -> None:
    customer_id = make.customer(guide=guide)
    make.contact_policy(quiet_from="00:00", quiet_until="23:59")
    answer = send(as_guide, content, tap(content, customer_id))
    assert [one["reasons"] for one in answer.json["skipped"]] == [["quiet_hours"]]
    assert answer.json["skipped"][0]["next_allowed_at"]
    make.contact_policy(week_limit=0)
    answer = send(as_guide, content, tap(content, customer_id))
    assert [one["reasons"] for one in answer.json["skipped"]] == [["budget_used"]]


def test_offline_tap_to_nobody_is_rejected(as_guide: Client, guide: Staff, content: Content) -> None:
    customer_id = make.customer(guide=guide)
    say_no(customer_id)
    item = {**tap(content, customer_id), "content_id": str(content.id)}
    [outcome] = as_guide.post("/v1/forwards/batch", json={"items": [item]}).json["items"]
    assert (outcome["outcome"], outcome["code"]) == ("rejected", "nobody_to_contact")
    assert outcome["detail"] == "Nobody of the target may be contacted now: No consent for this channel"
    assert count(Forward) == 0


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "k"}])
def test_who_said_no_since_is_not_named_by_the_same_tap_again(
    as_guide: Client, guide: Staff, content: Content, headers: dict[str, str]
) -> None:
    customer_id = make.customer(guide=guide)
    asked = tap(content, customer_id)
    first = send(as_guide, content, asked, **headers)
    assert NAME in first.json["text"]
    assert send(as_guide, content, asked, **headers).json == first.json
    say_no(customer_id)
    again = send(as_guide, content, asked, **headers)
    assert (again.status_code, again.json["code"]) == (409, "nobody_to_contact")
    assert NAME not in as_guide.get(f"/v1/forwards/{asked['id']}").text


def test_what_was_sent_reads_as_it_was_sent(as_guide: Client, guide: Staff, content: Content) -> None:
    make.contact_policy(week_limit=1)
    customer_id = make.customer(guide=guide)
    asked = tap(content, customer_id)
    first = send(as_guide, content, asked)
    as_guide.post(f"/v1/forwards/{asked['id']}/confirmations", json={"kind": "client"})
    assert send(as_guide, content, asked).json == first.json
    assert NAME in as_guide.get(f"/v1/forwards/{asked['id']}").json["text"]
    another = send(as_guide, content, tap(content, customer_id))
    assert another.json["skipped"][0]["reasons"] == ["budget_used"]


@pytest.mark.usefixtures("two_an_hour")
def test_names_in_forwards_and_reveals_count_towards_one_limit(
    as_guide: Client, guide: Staff, content: Content
) -> None:
    people = [make.customer(guide=guide) for _ in range(4)]
    assert as_guide.post(f"/v1/customers/{people[0]}/reveals", json={"reason": "call"}).status_code == 200
    named = tap(content, people[1])
    answer = send(as_guide, content, named)
    assert (answer.json["named"], answer.json["text"]) == (True, f"{NAME}，{guide.name}为您推荐")
    past = tap(content, people[2])
    for answer in (send(as_guide, content, past), send(as_guide, content, past)):
        assert (answer.status_code, answer.json["named"]) == (201, False)
        assert answer.json["text"] == f"亲，{guide.name}为您推荐"
    assert NAME not in as_guide.get(f"/v1/forwards/{past['id']}").text
    refused = as_guide.post(f"/v1/customers/{people[3]}/reveals", json={"reason": "call"})
    assert (refused.status_code, refused.json["code"]) == (429, "too_many_reveals")
    # What was revealed for a message may be read again, and counts once.
    assert send(as_guide, content, named).json["named"]
    assert NAME in as_guide.get(f"/v1/forwards/{named['id']}").text
    notes = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "reveal").order_by(AuditEntry.id)).all()
    assert [(note.row_id, note.after["reason"]) for note in notes] == [
        (str(people[0]), "call"),
        (str(people[1]), "message"),
    ]


@pytest.mark.usefixtures("two_an_hour")
def test_text_that_says_no_name_and_customer_without_one_cost_nothing(as_guide: Client, guide: Staff) -> None:
    plain = make.content(saying={"texts": {"default": "新品到店"}})
    send(as_guide, plain, tap(plain, make.customer(guide=guide)))
    hello = make.content(saying={"texts": HELLO})
    answer = send(as_guide, hello, tap(hello, make.bound_customer(guide).id))
    assert not answer.json["named"]
    send(as_guide, hello, tap(hello, make.customer(guide=guide), make.customer(guide=guide)))
    assert count(CustomerReveal) == 0


@pytest.mark.usefixtures("two_an_hour")
def test_many_taps_at_once_stay_within_the_limit(as_guide: Client, guide: Staff, content: Content) -> None:
    taps = [tap(content, make.customer(guide=guide)) for _ in range(4)]
    db.session.rollback()
    answers: list[Any] = []
    races.together(*(lambda asked=asked: answers.append(send(as_guide, content, asked)) for asked in taps))
    assert sorted(answer.json["named"] for answer in answers) == [False, False, True, True]


def test_a_message_reveals_once(as_guide: Client, guide: Staff) -> None:
    row = {"customer_id": make.customer(guide=guide), "staff_id": guide.id, "reason": "message"}
    row |= {"reference_id": new_id(), "revealed_at": clock.now()}
    with pytest.raises(IntegrityError, match="reference_id"), unit_of_work():
        db.session.add_all([CustomerReveal(**row), CustomerReveal(**row)])
