"""Personal data is shown plain on a stated ground, written down, and so many times."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from guideapi.app import GuideApp
from kit.db import db
from models import AuditEntry, CustomerReveal, Staff
from tests import make
from tests.client import Client

CALL = {"reason": "call"}


@pytest.fixture
def three_an_hour(app: GuideApp) -> Iterator[None]:
    app.config["REVEALS"] = {"hour": 3, "day": 5}
    yield
    app.config["REVEALS"] = {}


def test_revealed_plain_and_written_down_without_values(as_guide: Client, guide: Staff) -> None:
    customer = make.customer(guide=guide, phones=["13800138000"], address="南京西路 1 号")
    answer = as_guide.post(f"/v1/customers/{customer}/reveals", json=CALL)
    assert (answer.json["name"], answer.json["address"]) == ("张小满", "南京西路 1 号")
    assert [one["value"] for one in answer.json["identities"]] == ["+8613800138000"]
    noted = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "reveal")).one()
    assert (noted.row_id, noted.principal_id, noted.after) == (str(customer), guide.id, {"reason": "call"})


def test_a_reveal_is_never_answered_from_memory(as_guide: Client, guide: Staff) -> None:
    path = f"/v1/customers/{make.customer(guide=guide)}/reveals"
    for _ in range(2):
        assert as_guide.post(path, json=CALL, headers={"Idempotency-Key": "k"}).status_code == 200
    assert len(db.session.scalars(select(CustomerReveal)).all()) == 2


def test_only_of_customers_in_sight(as_guide: Client) -> None:
    theirs = make.customer(guide=make.guide())
    assert as_guide.post(f"/v1/customers/{theirs}/reveals", json=CALL).json["code"] == "customer_not_found"
    assert db.session.scalars(select(CustomerReveal)).all() == []


def test_never_to_the_auditor(client: Client, guide: Staff) -> None:
    auditor = client.sign_in(make.staff(roles=["auditor"]))
    customer = make.customer(guide=guide)
    assert auditor.get(f"/v1/customers/{customer}").json["name"] == "张*"
    assert auditor.post(f"/v1/customers/{customer}/reveals", json=CALL).status_code == 403


@pytest.mark.usefixtures("three_an_hour")
def test_who_asks_for_too_many_is_stopped(as_guide: Client, as_manager: Client, guide: Staff) -> None:
    path = f"/v1/customers/{make.customer(guide=guide)}/reveals"
    answers = [as_guide.post(path, json=CALL) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[-1].json["code"] == "too_many_reveals"
    assert 3500 < int(answers[-1].headers["Retry-After"]) <= 3600
    assert as_manager.post(path, json=CALL).status_code == 200
