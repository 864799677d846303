"""What customers say is kept as they said it, with its proof; the newest word holds."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from customers import queries, service
from kit import clock
from kit.db import db, unit_of_work
from kit.ids import new_id
from models import Consent, Customer, Staff
from tests import make
from tests.client import Client

FORM = {"origin": "form", "text_version": "2026-01", "evidence": "F-10086"}


def say(caller: Client, customer_id: UUID, granted: dict[str, bool], status: int = 201, **proof: Any) -> Any:
    answer = caller.post(f"/v1/customers/{customer_id}/consents", json={"granted": granted, **FORM, **proof})
    assert answer.status_code == status, answer.text
    return answer.json


def holding(customer_id: UUID) -> dict[str, bool]:
    rows = queries.list_consents(customer_id, after=None, limit=100, holding=True)
    return {row["channel"]: row["granted"] for row in rows}


def test_the_newest_word_holds_and_every_word_is_kept(as_guide: Client, guide: Staff) -> None:
    customer_id = make.person(guide=guide)
    say(as_guide, customer_id, {"sms": True, "call": False})
    held = say(as_guide, customer_id, {"sms": False})
    assert {item["channel"]: item["granted"] for item in held["items"]} == {"sms": False, "call": False}
    history = as_guide.get(f"/v1/customers/{customer_id}/consents").json["items"]
    assert [(item["channel"], item["granted"], item["holds"]) for item in history if item["channel"] == "sms"] == [
        ("sms", False, True),
        ("sms", True, False),
    ]


def test_history_comes_in_pages_none_twice(as_guide: Client, guide: Staff) -> None:
    customer_id = make.person(guide=guide)
    for yes in (True, False, True):
        say(as_guide, customer_id, {"sms": yes})
    first = as_guide.get(f"/v1/customers/{customer_id}/consents?limit=2").json
    rest = as_guide.get(f"/v1/customers/{customer_id}/consents?limit=2&cursor={first['next_cursor']}").json
    ids = [item["id"] for item in first["items"] + rest["items"]]
    assert (len(ids), len(set(ids)), rest["next_cursor"]) == (3, 3, None)


def test_an_older_paper_does_not_overtake_a_newer_word(as_guide: Client, guide: Staff) -> None:
    customer_id = make.person(guide=guide)
    say(as_guide, customer_id, {"sms": False})
    last_year = (clock.now() - timedelta(days=365)).isoformat()
    say(as_guide, customer_id, {"sms": True}, given_at=last_year)
    assert holding(customer_id) == {"sms": False}


def test_nobody_has_agreed_in_the_future(as_guide: Client, guide: Staff) -> None:
    tomorrow = (clock.now() + timedelta(days=1)).isoformat()
    refused = say(as_guide, make.person(guide=guide), {"sms": True}, status=422, given_at=tomorrow)
    assert "given_at" in refused["errors"]


def test_a_guide_cannot_say_that_the_customer_clicked(as_guide: Client, guide: Staff) -> None:
    refused = say(as_guide, make.person(guide=guide), {"sms": True}, status=403, origin="customer")
    assert refused["code"] == "consent_origin_not_yours"


def test_an_integration_can(client: Client) -> None:
    machine = client.with_token(make.api_key(scopes=["customers:write"]))
    held = say(machine, make.person(), {"email": True}, origin="customer")
    assert [(item["recorder_kind"], item["origin"]) for item in held["items"]] == [("integrator", "customer")]


def test_of_others_customers_nothing_is_told_or_taken(as_guide: Client) -> None:
    theirs = make.person(guide=make.guide())
    assert say(as_guide, theirs, {"sms": True}, status=404)["code"] == "customer_not_found"
    assert as_guide.get(f"/v1/customers/{theirs}/consents").status_code == 404
    assert db.session.scalars(select(Consent)).all() == []


def test_evidence_is_sealed_and_shown_to_headquarters_alone(client: Client, guide: Staff) -> None:
    customer_id = make.person(guide=guide)
    say(client.sign_in(guide), customer_id, {"sms": True})
    row = db.session.scalars(select(Consent)).one()
    assert b"F-10086" not in row.sealed_evidence + row.evidence_index
    shown = {
        role: client.sign_in(person).get(f"/v1/customers/{customer_id}/consents").json["items"][0]["evidence"]
        for role, person in (("guide", guide), ("admin", make.staff(roles=["hq_admin"])))
    }
    assert shown == {"guide": None, "admin": "F-10086"}


def test_what_was_said_cannot_be_changed_but_its_evidence_forgotten(as_guide: Client, guide: Staff) -> None:
    say(as_guide, make.person(guide=guide), {"sms": True})
    for statement in (update(Consent).values(granted=False), delete(Consent)):
        with pytest.raises(IntegrityError), unit_of_work():
            db.session.execute(statement)
    with unit_of_work():
        db.session.execute(update(Consent).values(sealed_evidence=None))
    assert db.session.scalars(select(Consent.evidence_index)).one() is not None


def test_of_two_who_are_one_the_stricter_word_holds(as_guide: Client, guide: Staff) -> None:
    survivor, other = make.person(guide=guide), make.person(guide=guide)
    say(as_guide, survivor, {"sms": True, "wecom": True})
    say(as_guide, other, {"sms": False, "email": True})
    say(as_guide, survivor, {"sms": True})
    with unit_of_work():
        service.merge_consents(survivor_id=survivor, merged_id=other, now=clock.now())
        db.session.execute(update(Customer).where(Customer.id == other).values(merged_into_id=survivor))
    assert holding(survivor) == {"sms": False, "wecom": True, "email": True}
    say(as_guide, other, {"sms": True})
    assert holding(survivor)["sms"] is True


def test_of_unknown_customers_nothing_is_written(as_guide: Client) -> None:
    say(as_guide, new_id(), {"sms": True}, status=404)
