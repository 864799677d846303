"""A store's manager sells: whatever is a guide's to do, the manager does with what is the manager's own."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from customers import service as customers
from customers.queries import find_live_binding
from customers.service import Wanted
from kit import clock
from kit.db import db, unit_of_work
from kit.ids import new_id
from models import LedgerEntry, Order, Staff, Store
from tests import make
from tests.client import Client
from tests.make.customers import HQ

pytestmark = pytest.mark.usefixtures("loud")


def tap(client: Client, content_id: object, **fields: Any) -> Any:
    answer = client.post(f"/v1/content/{content_id}/forwards", json={"id": str(new_id()), "channel": "link", **fields})
    assert answer.status_code == 201, answer.text
    return answer.json


@pytest.fixture
def own(manager: Staff) -> str:
    """A customer of the manager's own."""
    return str(make.customer(guide=manager))


def test_they_forward_what_is_meant_for_guides_and_hear_what_came_of_it(
    as_manager: Client, manager: Staff, own: str
) -> None:
    content = make.content(audience=make.audience(roles=["guide"]))
    assert [one["id"] for one in as_manager.get("/v1/content").json["items"]] == [str(content.id)]
    made = tap(as_manager, content.id, target={"kind": "customers", "customer_ids": [own]}, channel="wecom_chat")
    assert (made["guide_id"], made["guide_name"]) == (str(manager.id), manager.name)
    path = f"/v1/forwards/{made['id']}"
    assert as_manager.post(f"{path}/reservations", json={}).json["customer_ids"] == [own]
    assert as_manager.post(f"{path}/releases", json={}).status_code == 200
    confirmed = as_manager.post(f"{path}/confirmations", json={"kind": "client"})
    assert (confirmed.json["customer_ids"], confirmed.json["refused"]) == ([own], [])
    make.touch(make.forward(guide=manager))
    assert len(as_manager.get("/v1/touches").json["items"]) == 1


def test_they_send_an_offline_queue(as_manager: Client) -> None:
    item = {"id": str(new_id()), "content_id": str(make.content().id), "channel": "link"}
    answer = as_manager.post("/v1/forwards/batch", json={"items": [item]})
    assert [one["outcome"] for one in answer.json["items"]] == ["created"]


def test_they_do_nothing_with_forwards_of_their_guides(as_manager: Client, guide: Staff) -> None:
    made = make.forward(guide=guide)
    for act, body in (("confirmations", {"kind": "client"}), ("reservations", {}), ("releases", {})):
        assert as_manager.post(f"/v1/forwards/{made.id}/{act}", json=body).status_code == 404
    make.touch(made)
    assert as_manager.get("/v1/touches").json["items"] == []


def test_customers_become_theirs(as_manager: Client, manager: Staff, guide: Staff) -> None:
    assert as_manager.get("/v1/me/guide-code/picture").status_code == 200
    code = as_manager.get("/v1/me/guide-code").json["code"]
    scanned, handed_on = make.customer(), make.customer(guide=guide)
    with unit_of_work():
        customers.bind_by_hand(scanned, wanted=Wanted(guide_code=code), by=HQ, now=clock.now())
    asked = {"customer_id": str(handed_on), "to_guide_id": str(manager.id), "reason": "调店"}
    until = as_manager.post("/v1/binding-transfers", json=asked).json["effective_at"]
    with unit_of_work():
        customers.complete_transfers(now=clock.now().fromisoformat(until))
    for customer in (scanned, handed_on):
        live = find_live_binding(customer)
        assert live is not None
        assert live.guide_id == manager.id


def test_they_are_paid_for_what_they_sell(as_manager: Client, manager: Staff) -> None:
    make.plan_version({"rate_bp": 500})
    order: Order = make.order(store=db.session.get_one(Store, manager.store_id), served_by=manager)
    make.post_all()
    assert db.session.scalars(select(LedgerEntry.guide_id)).all() == [manager.id]
    today = order.business_day.isoformat()
    [told] = as_manager.get(f"/v1/commissions/entries?guide_id={manager.id}&from={today}&to={today}").json["items"]
    assert told["amount"] == {"amount": 500, "currency": "CNY"}


def test_where_nobody_else_sells_tasks_are_theirs(client: Client) -> None:
    alone = make.staff(roles=["store_manager"], store_id=make.store().id)
    caller = client.sign_in(alone)
    plan = make.task_plan(by=alone)
    [task] = caller.get("/v1/tasks").json["items"]
    assert task["plan_id"] == str(plan["id"])
    handed_in = caller.post(f"/v1/tasks/{task['id']}/commands", json={"id": str(new_id()), "command": "submit"})
    assert handed_in.status_code == 201


def test_with_guides_in_the_store_tasks_are_the_guides(as_manager: Client, manager: Staff, guide: Staff) -> None:
    make.task_plan(by=manager)
    assert as_manager.get("/v1/tasks").json["items"] == []


def test_headquarters_see_what_their_poster_says(as_editor: Client, manager: Staff) -> None:
    content = make.content()
    told = as_editor.get(f"/v1/content/{content.id}/preview?guide_id={manager.id}").json
    assert told["guide_name"] == manager.name


NEVER_A_SELLER: list[Callable[[], Staff]] = [
    lambda: make.staff(roles=["regional_manager"], region_id=make.region().id),
    lambda: make.staff(roles=["hq_admin"]),
]


@pytest.mark.parametrize("who", NEVER_A_SELLER)
def test_others_do_not_sell(client: Client, who: Callable[[], Staff]) -> None:
    body = {"id": str(new_id()), "channel": "link"}
    assert client.sign_in(who()).post(f"/v1/content/{make.content().id}/forwards", json=body).status_code == 403
