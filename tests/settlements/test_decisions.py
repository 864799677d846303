"""Statements are approved, held, released and rejected; the period is approved once nobody has to decide any more."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from kit import clock
from kit.db import db, unit_of_work
from models import Settlement, Staff, Statement
from settlements.queries.statements import Filter
from settlements.service.decisions import Decision, decide_on_matching
from tests import make
from tests.client import Client
from tests.races import race
from tests.settlements.chain import Chain, approve_period, at, close, create, decide, make_chain, sell, statements

NOWHERE = "00000000-0000-0000-0000-000000000000"


@pytest.fixture
def chain(client: Client) -> Chain:
    return make_chain(client, guides=3)


@pytest.fixture
def settlement_id(chain: Chain) -> str:
    """October, closed: a statement of each of three guides."""
    for number, guide in enumerate(chain.guides, 1):
        sell(guide, 100_000 * number, at(number))
    make.post_all()
    made = create(chain)
    close(chain, made)
    return made


def period_of(settlement_id: str) -> UUID:
    return db.session.scalars(select(Settlement.period_id).where(Settlement.id == UUID(settlement_id))).one()


def test_what_is_undisputed_is_approved_and_the_rest_is_held(chain: Chain, settlement_id: str, client: Client) -> None:
    first, second, _ = (one["id"] for one in statements(chain, settlement_id))
    period_id = period_of(settlement_id)
    assert approve_period(chain.finance, period_id).json["code"] == "statements_undecided"
    held = decide(
        chain.finance, settlement_id, "hold", statement_ids=[first], reason="退货争议", held_until="2026-12-01"
    )
    assert (held.status_code, held.json["decided"], held.json["own"]) == (200, 1, 0)
    seen = client.sign_in(chain.guides[0]).get(f"/v1/statements/{first}").json
    assert (seen["state"], seen["reason"], seen["held_until"]) == ("held", "退货争议", "2026-12-01")
    [step] = seen["steps"]
    assert (step["command"], step["state"], step["reason"]) == ("hold", "held", "退货争议")
    rejected = decide(chain.finance, settlement_id, "reject", statement_ids=[second], reason="归属有误")
    assert {one["state"]: one["statements"] for one in rejected.json["totals"]} == {
        "held": 1,
        "in_review": 1,
        "rejected": 1,
    }
    approved = decide(chain.finance, settlement_id, "approve", matching={"guide_id": str(chain.guides[2].id)})
    assert approved.json["decided"] == 1
    # What was rejected is looked at again after it was counted anew; what is held stays held.
    assert approve_period(chain.finance, period_id).json["code"] == "statements_undecided"
    assert close(chain, settlement_id).status_code == 202
    states = [(one["state"], one["reason"]) for one in statements(chain, settlement_id)]
    assert states == [("held", "退货争议"), ("in_review", None), ("approved", None)]
    assert decide(chain.finance, settlement_id, "approve", matching={}).json["decided"] == 1
    assert approve_period(chain.finance, period_id).json["state"] == "approved"
    settled_later(chain, settlement_id, first)


def settled_later(chain: Chain, settlement_id: str, held: str) -> None:
    """What was held is decided on after the period is approved; nobody rejects then what nobody could count anew."""
    before = chain.finance.get(f"/v1/statements/{held}").json
    assert decide(chain.finance, settlement_id, "release", statement_ids=[held]).json["decided"] == 1
    refused = decide(chain.finance, settlement_id, "reject", statement_ids=[held], reason="x")
    assert refused.json["code"] == "period_state_forbids"
    assert decide(chain.finance, settlement_id, "approve", statement_ids=[held]).json["decided"] == 1
    after = chain.finance.get(f"/v1/statements/{held}").json
    assert [step["command"] for step in after["steps"]] == ["hold", "release", "approve"]
    assert (after["state"], after["reason"], after["held_until"]) == ("approved", None, None)
    assert after["payable"] == before["payable"]


def test_who_decides(chain: Chain, settlement_id: str, client: Client) -> None:
    """Not who closed it, by whichever way, and nobody on what they are paid."""
    own, other, _ = statements(chain, settlement_id)
    judge, closer = (client.sign_in(with_role(person)) for person in (chain.guides[0], closer_of(settlement_id)))
    mine = decide(judge, settlement_id, "approve", statement_ids=[own["id"], other["id"]])
    assert (mine.json["code"], mine.json["statement_id"]) == ("own_statement", own["id"])
    all_but_mine = decide(judge, settlement_id, "approve", matching={})
    assert (all_but_mine.json["decided"], all_but_mine.json["own"]) == (2, 1)
    assert decide(closer, settlement_id, "approve", matching={}).json["code"] == "settlement_self_decision"
    assert (
        close(Chain(client.sign_in(make.staff(roles=["hq_commission"])), *chain[1:]), settlement_id).status_code == 202
    )
    assert decide(closer, settlement_id, "approve", matching={}).json["code"] == "settlement_self_decision"
    states = [one["state"] for one in statements(chain, settlement_id)]
    assert states == ["in_review", "approved", "approved"]


def closer_of(settlement_id: str) -> Staff:
    by = db.session.scalars(select(Settlement.created_by).where(Settlement.id == UUID(settlement_id))).one()
    return db.session.get_one(Staff, by)


def with_role(person: Staff) -> Staff:
    """Headquarters' finance, too."""
    with unit_of_work():
        db.session.execute(update(Staff).where(Staff.id == person.id).values(roles=[*person.roles, "hq_finance"]))
    return db.session.get_one(Staff, person.id, populate_existing=True)


def test_refusals(chain: Chain, settlement_id: str) -> None:
    finance, first = chain.finance, statements(chain, settlement_id)[0]["id"]
    refused: list[tuple[str, dict[str, Any], str]] = [
        ("release", {"statement_ids": [first]}, "statement_state_forbids"),
        ("approve", {"statement_ids": [first, NOWHERE]}, "statement_not_found"),
        ("approve", {"matching": {}, "counted_at": "2026-11-01T00:00:00Z"}, "settlement_recounted"),
        ("hold", {"matching": {}}, "invalid"),
        ("approve", {"matching": {}, "held_until": "2026-12-01"}, "invalid"),
        ("approve", {}, "invalid"),
        ("approve", {"matching": {}, "statement_ids": [first]}, "invalid"),
    ]
    for command, told, code in refused:
        assert decide(finance, settlement_id, command, **told).json["code"] == code, (command, told)
    path = f"/v1/settlements/{settlement_id}/decisions"
    body = {"command": "approve", "matching": {}, "counted_at": "2026-11-01T00:00:00Z"}
    assert finance.post(path, json=body).json["code"] == "fresh_code_required"
    assert {one["state"] for one in statements(chain, settlement_id)} == {"in_review"}
    open_one = create(chain, "2026-11-01", "2026-11-10")
    told = {"matching": {}, "counted_at": "2026-11-01T00:00:00Z"}
    assert decide(finance, open_one, "approve", **told).json["code"] == "period_state_forbids"


def test_of_two_who_decide_at_once_the_second_sees_what_the_first_did(chain: Chain, settlement_id: str) -> None:
    judges = [make.principal_of(make.staff(roles=["hq_finance"])) for _ in range(2)]
    seen = db.session.scalars(select(Settlement.counted_at)).one()
    assert seen

    def approve(number: int) -> int:
        return decide_on_matching(
            UUID(settlement_id),
            Decision(command="approve"),
            wanted=Filter(settlement_id=UUID(settlement_id)),
            principal=judges[number],
            seen=seen,
            now=clock.now(),
        ).decided

    assert race(chain.closer.app, lambda: approve(0), lambda: approve(1)) == (3, 0)
    assert set(db.session.scalars(select(Statement.state))) == {"approved"}
