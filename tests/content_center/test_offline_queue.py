"""Taps made without a network: each is done once, and each says what became of it."""

from typing import Any
from uuid import uuid4

from sqlalchemy import func, select

from kit.db import db
from kit.ids import new_id
from models import Forward, Staff
from tests import make
from tests.client import Client


def tap(content_id: Any, **fields: Any) -> dict[str, Any]:
    return {"id": str(new_id()), "content_id": str(content_id), "channel": "wechat", **fields}


def send(client: Client, *taps: Any) -> list[dict[str, Any]]:
    answer = client.post("/v1/forwards/batch", json={"items": list(taps)})
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json["items"]
    return items


def test_each_tap_has_an_outcome_and_one_refusal_harms_no_other(as_guide: Client) -> None:
    gone = make.content(products=[make.product(shelf_status="off_shelf").id])
    good, sold_out, nowhere, last = (tap(id_) for id_ in (make.content().id, gone.id, uuid4(), make.content().id))
    outcomes = send(as_guide, good, sold_out, {"id": 1}, nowhere, last)
    assert [outcome["outcome"] for outcome in outcomes] == ["created", "rejected", "rejected", "rejected", "created"]
    assert [outcome.get("code") for outcome in outcomes] == [
        None,
        "content_not_forwardable",
        "invalid_item",
        "content_not_found",
        None,
    ]
    assert outcomes[1]["detail"].endswith("cannot be sold now.")
    assert as_guide.get(f"/v1/forwards/{good['id']}").json["share_url"]
    assert db.session.scalar(select(func.count()).select_from(Forward)) == 2


def test_queue_sent_again_changes_nothing(as_guide: Client) -> None:
    content = make.content()
    single = tap(content.id)
    as_guide.post(f"/v1/content/{content.id}/forwards", json={"id": single["id"], "channel": "wechat"})
    queue = [single, tap(content.id), tap(content.id)]
    assert [outcome["outcome"] for outcome in send(as_guide, *queue)] == ["unchanged", "created", "created"]
    assert {outcome["outcome"] for outcome in send(as_guide, *queue)} == {"unchanged"}
    changed = {**queue[1], "channel": "link"}
    assert send(as_guide, changed)[0]["code"] == "forward_id_taken"
    assert db.session.scalar(select(func.count()).select_from(Forward)) == 3


def test_the_same_id_twice_in_one_queue_is_one_forward(as_guide: Client) -> None:
    twice = tap(make.content().id)
    assert [outcome["outcome"] for outcome in send(as_guide, twice, twice)] == ["created", "unchanged"]


def test_targets_are_checked_as_those_of_single_taps(as_guide: Client, guide: Staff) -> None:
    make.no_quiet_hours()
    content = make.content()
    customer = make.bound_customer(guide)
    wrong = [{"kind": "customers"}, {"kind": "none", "group_id": "g"}, {"kind": "customers", "customer_ids": []}]
    outcomes = send(as_guide, *(tap(content.id, target=target) for target in wrong))
    assert {outcome["code"] for outcome in outcomes} == {"invalid_item"}
    aimed = tap(content.id, target={"kind": "customers", "customer_ids": [str(customer.id)]})
    unknown = tap(content.id, target={"kind": "customers", "customer_ids": [str(uuid4())]})
    assert [outcome.get("code") for outcome in send(as_guide, aimed, unknown)] == [None, "forward_target_unknown"]


def test_queue_is_bounded_and_of_those_who_sell(as_guide: Client, as_editor: Client) -> None:
    content_id = uuid4()
    answer = as_guide.post("/v1/forwards/batch", json={"items": [tap(content_id) for _ in range(101)]})
    assert (answer.status_code, answer.json["code"]) == (413, "batch_too_large")
    assert as_editor.post("/v1/forwards/batch", json={"items": []}).json["code"] == "forbidden"


def test_queue_sent_again_under_its_key_is_the_same_request(as_guide: Client) -> None:
    item, keyed = tap(make.content().id), {"Idempotency-Key": "queue"}
    answers = [as_guide.post("/v1/forwards/batch", json={"items": [item]}, headers=keyed) for _ in range(2)]
    assert [answer.json["items"][0]["outcome"] for answer in answers] == ["created", "unchanged"]
    assert answers[1].headers["Idempotency-Replayed"] == "true"
    other = as_guide.post("/v1/forwards/batch", json={"items": [tap(item["content_id"])]}, headers=keyed)
    assert (other.status_code, other.json["code"]) == (422, "idempotency_key_reused")
