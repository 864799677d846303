"""A month is looked at, closed, and put on statements; each line tells why."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from benchmarks.size.watched import watching
from kit import clock
from kit.db import db, unit_of_work
from models import LedgerEntry, Statement, StatementEntry
from settlements.service import settlements as service
from tests import make
from tests.client import Client
from tests.races import together
from tests.settlements.chain import Chain, act, at, close, create, give_back, make_chain, sell, statements

NOWHERE = "00000000-0000-0000-0000-000000000000"


@pytest.fixture
def chain(client: Client) -> Chain:
    return make_chain(client)


def test_a_month_is_looked_at_closed_and_stated(chain: Chain, client: Client, run_jobs: Callable[[], None]) -> None:
    first, second = chain.guides
    order = sell(first, 100_000, at(5))
    sell(second, 20_000, at(31))
    give_back(order, chain, 30_000, at(20))
    sell(second, 7_000, at(2, month=11))
    make.post_all()
    settlement_id = create(chain)
    path = f"/v1/settlements/{settlement_id}"
    preview = chain.finance.get(f"{path}/preview").json
    assert [(one["staff_no"], one["payable"]["amount"]) for one in preview["items"]] == [
        (first.staff_no, 7_000),
        (second.staff_no, 2_000),
    ]
    assert preview["items"][0]["exceptions"] == ["plan_not_acknowledged"]
    assert preview["waiting"] == {"orders_not_posted": 0, "entries_not_matured": 0}
    assert db.session.scalar(select(func.count()).select_from(Statement)) == 0
    closing = act(chain.closer, f"{path}/close", "settlement_closing", settlement_id)
    assert (closing.status_code, closing.json["state"]) == (202, "closing")
    run_jobs()
    found = chain.finance.get(path).json
    assert (found["state"], found["empty_because"]) == ("in_review", [])
    steps = [(step["command"], step["state"]) for step in found["steps"]]
    assert steps == [("create", "preview"), ("close", "closing")]
    [total] = found["totals"]
    assert (total["statements"], total["payable"]["amount"], total["reversed"]["amount"]) == (2, 9_000, -3_000)
    items = statements(chain, settlement_id)
    compared = [{name: one[name] for name in preview["items"][0]} for one in items]
    assert compared == preview["items"]
    _opens_to_its_evidence(client.sign_in(first), items[0], order)
    assert [one["id"] for one in client.sign_in(second).get("/v1/statements").json["items"]] == [items[1]["id"]]
    assert client.sign_in(second).get(f"/v1/statements/{items[0]['id']}").json["code"] == "statement_not_found"


def _opens_to_its_evidence(guide: Client, statement: dict[str, Any], order: Any) -> None:
    path = f"/v1/statements/{statement['id']}"
    detail = guide.get(path).json
    assert detail["causes"] == [
        {"cause": "order", "entries": 2, "accrued": _yuan(10_000), "reversed": _yuan(-3_000)},
    ]
    sale, refund = guide.get(f"{path}/lines").json["items"]
    assert (sale["order_external_id"], sale["amount"], sale["refund"]) == (order.external_id, _yuan(10_000), False)
    assert (refund["amount"], refund["refund"]) == (_yuan(-3_000), True)
    why = guide.get(f"{path}/lines/{sale['id']}/why").json
    assert (why["rule"]["name"], why["line"]["plan_version"]) == ("rule 1", 1)
    assert why["rounding"] == {"numerator": 100_000_000, "denominator": 10_000, "rounded": 10_000}
    assert [(one["kind"], one["reason"]) for one in why["candidates"]] == [("serving", "won")]
    assert guide.get(f"{path}/lines/{refund['id']}/why").json["candidates"] == why["candidates"]
    assert guide.get(f"{path}/lines/999999999/why").json["code"] == "statement_line_not_found"


def _yuan(fen: int) -> dict[str, Any]:
    return {"amount": fen, "currency": "CNY"}


def test_a_settlement_that_finds_nothing_says_why(client: Client) -> None:
    closer = client.sign_in(make.staff(roles=["hq_commission"]))
    chain = Chain(closer, closer, [], make.store())
    settlement_id = create(chain)
    path = f"/v1/settlements/{settlement_id}/preview"
    assert closer.get(path).json["empty_because"] == ["no_plan", "nothing_posted"]
    chain = make_chain(client)
    sell(chain.guides[0], 10_000, at(5))
    assert closer.get(path).json["empty_because"] == ["nothing_posted", "orders_not_posted"]
    assert close(chain, settlement_id).status_code == 202
    told = closer.get(f"/v1/settlements/{settlement_id}").json
    assert (told["empty_because"], told["totals"]) == (["nothing_posted", "orders_not_posted"], [])
    make.post_all()
    assert closer.get(path).json["empty_because"] == []
    close(chain, settlement_id)
    assert closer.get(f"/v1/settlements/{settlement_id}").json["empty_because"] == []


def test_what_is_not_to_be_settled_yet(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sale matures with its refunds when the return window is over; closing again takes what has matured since."""
    order = sell(chain.guides[0], 10_000, at(25))
    give_back(order, chain, 5_000, at(26))
    sell(chain.guides[0], 30_000, at(2))
    make.post_all()
    settlement_id = create(chain)
    now = {"at": at(1, month=11)}
    monkeypatch.setattr(clock, "now", lambda: now["at"])
    closing = service.taking_of(service.lock_settlement(UUID(settlement_id)), now=now["at"])
    assert closing.matured_before == date(2026, 10, 25)
    with unit_of_work():
        service.closing.begin_closing(period_id=_period(settlement_id), by=chain.guides[0].id, now=now["at"])
        assert service.close_settlement(settlement_id=UUID(settlement_id), now=now["at"]) == 1
        now["at"] = at(3, month=11)
        assert service.close_settlement(settlement_id=UUID(settlement_id), now=now["at"]) == 2
        assert service.close_settlement(settlement_id=UUID(settlement_id), now=now["at"]) == 0
    [statement] = db.session.scalars(select(Statement).execution_options(populate_existing=True))
    assert (statement.accrued_fen, statement.reversed_fen, statement.payable_fen) == (4_000, -500, 3_500)


def _period(settlement_id: str) -> UUID:
    return service.lock_settlement(UUID(settlement_id)).period_id


def test_refusals(chain: Chain) -> None:
    body = {"first_day": "2026-10-01", "last_day": "2026-10-31"}
    settlement_id = create(chain)
    again = chain.closer.post("/v1/settlements", json=body)
    assert (again.json["code"], again.json["settlement_id"]) == ("settlement_exists", settlement_id)
    late = {"first_day": "2026-10-31", "last_day": "2026-11-30"}
    assert chain.closer.post("/v1/settlements", json=late).json["code"] == "pay_period_overlaps"
    turned = {"first_day": "2026-10-31", "last_day": "2026-10-01"}
    assert chain.closer.post("/v1/settlements", json=turned).json["code"] == "bad_settlement_days"
    assert chain.finance.post("/v1/settlements", json=body).status_code == 403
    path = f"/v1/settlements/{settlement_id}/close"
    assert chain.closer.post(path).json["code"] == "fresh_code_required"
    assert act(chain.closer, f"/v1/settlements/{NOWHERE}/close", "settlement_closing", NOWHERE).status_code == 404
    following = create(chain, "2026-11-01", "2026-11-10")
    assert close(chain, following).json["code"] == "earlier_period_open"
    future = create(chain, "2099-01-01", "2099-01-31")
    assert close(chain, future).json["code"] == "period_not_over"


def test_an_entry_is_settled_once_whatever_runs_at_once(chain: Chain) -> None:
    for day in range(1, 11):
        sell(chain.guides[day % 2], 10_000, at(day))
    make.post_all()
    settlement_id = UUID(create(chain))
    with unit_of_work():
        service.closing.begin_closing(period_id=_period(str(settlement_id)), by=chain.guides[0].id, now=clock.now())

    def run() -> None:
        with chain.closer.app.app_context(), unit_of_work():
            service.close_settlement(settlement_id=settlement_id, now=clock.now())

    together(run, run, run, run)
    assert db.session.scalar(select(func.count()).select_from(StatementEntry)) == 10
    stated = db.session.scalar(select(func.sum(Statement.payable_fen)))
    assert stated == db.session.scalar(select(func.sum(LedgerEntry.signed_fen))) == 10_000


def test_closing_loops_over_nobody(chain: Chain) -> None:
    """The demo chain's sixty guides had the whole ledger looked through for each of them: statements that were made a
    moment ago look like one row to the planner."""
    for guide in chain.guides:
        sell(guide, 10_000, at(1))
    make.post_all()
    settlement_id = UUID(create(chain))
    with unit_of_work():
        service.closing.begin_closing(period_id=_period(str(settlement_id)), by=chain.guides[0].id, now=clock.now())
    with watching([db.engine]) as watched, unit_of_work():
        assert service.close_settlement(settlement_id=settlement_id, now=clock.now()) == len(chain.guides)
    made = [one for one in watched.statements if one.text.startswith(("INSERT INTO statement", "UPDATE statement"))]
    assert len(made) >= 3
    assert [one.outline() for one in made for node in one.nodes if node.kind == "Nested Loop"] == []
