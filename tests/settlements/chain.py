"""A month of a small chain whose commission is settled."""

from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from kit import clock
from kit.db import db, unit_of_work
from models import Order, Source, Staff, Store
from settlements.service import settlements as service
from tests import make
from tests.client import Client

FIRST, LAST = "2026-10-01", "2026-10-31"


class Chain(NamedTuple):
    """Who settles, who is settled, and where they work."""

    closer: Client
    finance: Client
    guides: list[Staff]
    store: Store


def at(day: int, month: int = 10) -> datetime:
    return datetime(2026, month, day, 4, tzinfo=UTC)


def sell(guide: Staff, paid: int, when: datetime, **fields: Any) -> Any:
    """A sale that a guide is paid 10 % of."""
    store = db.session.get_one(Store, guide.store_id)
    return make.order(store=store, served_by=guide, ordered_at=when, lines=[make.line(paid=paid)], **fields)


def give_back(order: Order, chain: Chain, amount: int, when: datetime) -> None:
    """A refund of an amount of the order's line."""
    lines = [{"line_no": 1, "order_line": 1, "amount": amount}]
    item = make.refund_item(store=chain.store, order=order.external_id, lines=lines, refunded_at=when)
    make.take_refunds(db.session.get_one(Source, order.source_id), [item])


def make_chain(client: Client, *, guides: int = 2) -> Chain:
    """Guides of one store, an approved plan of 10 %, and who settles."""
    store = make.store()
    make.plan_version({"rate_bp": 1_000})
    people = [make.guide(store_id=store.id) for _ in range(guides)]
    closer, finance = (client.sign_in(make.staff(roles=[role])) for role in ("hq_commission", "hq_finance"))
    return Chain(closer, finance, people, store)


def create(chain: Chain, first: str = FIRST, last: str = LAST) -> str:
    answer = chain.closer.post("/v1/settlements", json={"first_day": first, "last_day": last})
    assert answer.status_code == 201, answer.text
    settlement_id: str = answer.json["id"]
    return settlement_id


def act(caller: Client, path: str, act: str, subject: str, **options: Any) -> Any:
    """A request with the fresh code that it asks for."""
    assert caller.session_id
    return caller.post(path, headers=make.grant(caller.session_id, act=act, subject_id=subject), **options)


def close(chain: Chain, settlement_id: str) -> Any:
    """Close, and let the worker's part happen."""
    answer = act(chain.closer, f"/v1/settlements/{settlement_id}/close", "settlement_closing", settlement_id)
    if answer.status_code == 202:
        with unit_of_work():
            service.close_settlement(settlement_id=UUID(settlement_id), now=clock.now())
    return answer


def statements(chain: Chain, settlement_id: str, query: str = "") -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = chain.finance.get(f"/v1/settlements/{settlement_id}/statements{query}").json["items"]
    return items


def decide(caller: Client, settlement_id: str, command: str, **told: Any) -> Any:
    """A decision on statements as they are counted now, with the fresh code that it asks for."""
    path = f"/v1/settlements/{settlement_id}"
    seen = caller.get(path).json["counted_at"]
    body = {"command": command, "counted_at": seen, **told}
    return act(caller, f"{path}/decisions", "statement_decision", settlement_id, json=body)


def approve_period(caller: Client, period_id: Any) -> Any:
    path = f"/v1/pay-periods/{period_id}/approve"
    return act(caller, path, "pay_period_approval", str(period_id))
