"""A person gets everything that is known of them, and is forgotten when they wish."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, text, update

from clienteling import jobs, service
from guideapi.app import GuideApp
from kit import clock
from kit.db import db, unit_of_work
from kit.ids import new_id
from models import AuditEntry, Binding, Consent, Customer, CustomerIdentity, CustomerTag, FollowUp, Order, Staff, Store
from tests import make
from tests.client import Client, new

ASKED = {"reason": "asked_by_customer"}


@pytest.fixture
def as_admin(client: Client) -> Client:
    return client.sign_in(make.staff(roles=["hq_admin"]))


def known_person(as_guide: Client, guide: Staff) -> UUID:
    """A customer with one of everything."""
    customer = make.customer(guide=guide, phones=["13800138000"], address="南京西路 1 号", member_no="M-77")
    path = f"/v1/customers/{customer}"
    as_guide.post(f"{path}/tags", json={"add": ["香氛"]})
    consent = {"granted": {"sms": True}, "origin": "form", "evidence": "form 4711"}
    assert as_guide.post(f"{path}/consents", json=consent).status_code == 201
    follow_up = {"id": str(new_id()), "customer_id": str(customer), "at": clock.now().isoformat()}
    note = {"channel": "call", "outcome": "reached", "note": "她喜欢木质香"}
    assert as_guide.post("/v1/follow-ups", json={**follow_up, **note}).status_code == 201
    make.order(store=db.session.get_one(Store, guide.store_id), served_by=guide, member_no="M-77")
    return customer


def erase(caller: Client, customer: UUID) -> Any:
    return caller.post(f"/v1/customers/{customer}/erasures", json=ASKED)


def test_a_person_gets_everything(as_admin: Client, as_guide: Client, guide: Staff) -> None:
    customer = known_person(as_guide, guide)
    told = as_admin.post(f"/v1/customers/{customer}/exports", json=ASKED).json
    assert (told["profiles"][0]["name"], told["profiles"][0]["address"]) == ("张小满", "南京西路 1 号")
    assert told["profiles"][0]["identities"][0]["value"] == "+8613800138000"
    assert told["consents"][0]["evidence"] == "form 4711"
    assert [one["tag"] for one in told["tags"]] == ["香氛"]
    assert [one["note"] for one in told["follow_ups"]] == ["她喜欢木质香"]
    assert [len(one["lines"]) for one in told["orders"]] == [1]
    assert [one["staff_no"] for one in told["bindings"]] == [guide.staff_no]
    noted = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "export")).one()
    assert (noted.row_id, noted.after) == (str(customer), ASKED)


def test_a_forgotten_person_leaves_only_what_was_sold(as_admin: Client, as_guide: Client, guide: Staff) -> None:
    customer = known_person(as_guide, guide)
    proof = db.session.scalars(select(Consent.evidence_index)).one()
    assert erase(as_admin, customer).status_code == 200
    jobs.forget_notes()
    db.session.commit()
    row = db.session.get_one(Customer, customer, populate_existing=True)
    assert (row.sealed_profile, row.member_no, row.profile_fields) == (None, None, [])
    for table in (CustomerIdentity, CustomerTag):
        assert db.session.scalar(select(func.count()).select_from(table)) == 0
    consent = db.session.scalars(select(Consent)).one()
    assert (consent.sealed_evidence, consent.evidence_index) == (None, proof)
    assert db.session.scalars(select(FollowUp.sealed_note)).all() == [None]
    assert db.session.scalars(select(Binding.ended_reason)).all() == ["erased"]
    assert db.session.scalars(select(Order.customer_id)).all() == [customer]
    assert as_guide.get(f"/v1/customers/{customer}").status_code == 404
    found = as_admin.post("/v1/customers/lookups", json={"kind": "phone", "value": "13800138000"})
    assert found.json["items"] == []


def test_who_was_merged_is_forgotten_along(as_admin: Client, guide: Staff) -> None:
    survivor, loser = make.customer(guide=guide), make.customer(guide=guide, name="旧名字")
    merged = as_admin.post(f"/v1/customers/{survivor}/merges", json={"other_id": str(loser), "reason": "same_person"})
    assert merged.status_code == 200
    erase(as_admin, loser)
    rows = db.session.execute(select(Customer.sealed_profile, Customer.erased_at.is_not(None))).all()
    assert rows == [(None, True), (None, True)]


def test_forgotten_once_however_often_asked(as_admin: Client, guide: Staff) -> None:
    customer = make.customer(guide=guide)
    assert erase(as_admin, customer).json == erase(as_admin, customer).json
    noted = select(func.count()).select_from(AuditEntry).where(AuditEntry.action == "erased")
    assert db.session.scalar(noted) == 1


def test_a_forgotten_persons_telephone_may_be_somebody_elses(as_admin: Client, as_guide: Client, guide: Staff) -> None:
    erase(as_admin, make.customer(guide=guide, identities=[("phone", "+8613800138000"), ("mall", "m-1")]))
    again = {"identities": [{"kind": "phone", "value": "13800138000"}, {"kind": "mall", "value": "m-1"}]}
    assert as_guide.post("/v1/customers", json=new(again)).status_code == 201


def test_people_are_forgotten_after_months_of_nothing(app: GuideApp, as_admin: Client, guide: Staff) -> None:
    old, bound, buyer, young = (make.customer(member_no=f"R{n}") for n in range(4))
    make.order(store=make.store(), member_no="R2")
    with unit_of_work():
        past = clock.now() - timedelta(days=800)
        db.session.execute(update(Customer).where(Customer.id != young).values(updated_at=past))
        make_bound = {"customer_id": bound, "guide_id": guide.id, "store_id": guide.store_id, "reason": "scan"}
        db.session.add(Binding(**make_bound, bound_at=past))
    assert as_admin.get("/v1/customers/retention").json == {"months": None, "due": 0}
    app.config["RETENTION_MONTHS"] = 24
    try:
        assert as_admin.get("/v1/customers/retention").json == {"months": 24, "due": 1}
        with unit_of_work():
            assert service.forget_people(now=clock.now()) == 1
            assert service.forget_people(now=clock.now()) == 0
    finally:
        app.config["RETENTION_MONTHS"] = 0
    erased = select(Customer.id).where(Customer.erased_at.is_not(None))
    assert db.session.scalars(erased).all() == [old]
    assert db.session.scalar(text("SELECT count(*) FROM customer")) == 4
    assert buyer not in db.session.scalars(erased).all()


def test_a_machine_forgets_people_only_with_the_scope_for_it(app: GuideApp, client: Client, guide: Staff) -> None:
    customer = make.customer(guide=guide)
    others = ["customers:read", "customers:write", "orders:write"]
    answer = erase(client.with_token(make.api_key(scopes=others)), customer)
    assert (answer.status_code, answer.json["code"]) == (403, "forbidden")
    eraser = client.with_token(make.api_key(scopes=["customers:erase"]))
    assert eraser.get(f"/v1/customers/{customer}").status_code == 403
    assert erase(eraser, customer).status_code == 200
