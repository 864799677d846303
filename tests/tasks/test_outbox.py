"""What was tapped without a network comes together: in its order, each item settled by itself."""

from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from kit import clock
from kit.db import db
from kit.ids import new_id
from models import AssignmentEvent, FollowUp, Forward, Staff
from tests import make
from tests.client import Client


def item(kind: str, **said: Any) -> dict[str, Any]:
    return {"kind": kind, "id": str(new_id()), "captured_at": clock.now().isoformat(), **said}


def send(client: Client, *items: Any) -> list[dict[str, Any]]:
    answer = client.post("/v1/outbox", json={"items": list(items)})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json["items"]
    return found


def outcomes(told: list[dict[str, Any]]) -> list[tuple[str, str | None]]:
    return [(one["outcome"], one.get("code")) for one in told]


def test_a_morning_without_a_network(as_guide: Client, manager: Staff, guide: Staff) -> None:
    make.no_quiet_hours()
    content, customer = make.content(), make.bound_customer(guide)
    make.task_plan(by=manager)
    make.task_plan(by=manager, kind="forward", content_id=content.id, title="转发")
    tasks = {task["title"]: task["id"] for task in as_guide.get("/v1/tasks").json["items"]}
    target = {"kind": "customers", "customer_ids": [str(customer.id)]}
    tap = item("forward", content_id=str(content.id), channel="wecom_chat", target=target)
    box = [
        tap,
        item("confirmation", forward_id=tap["id"], after=[tap["id"]]),
        item("follow_up", customer_id=str(customer.id), channel="wecom", outcome="reached", note="很高兴"),
        item("task_command", task_id=tasks["陈列检查"], command="start"),
        item("task_command", task_id=tasks["陈列检查"], command="submit", note="好了"),
    ]
    first = send(as_guide, *box)
    assert outcomes(first) == [("created", None)] * 5
    assert [one["external_id"] for one in first] == [one["id"] for one in box]
    assert first[0]["forward"]["share_url"]
    assert first[1]["confirmation"]["customer_ids"] == [str(customer.id)]
    assert [one["task"]["state"] for one in first[3:]] == ["in_progress", "done"]
    assert {task["state"] for task in as_guide.get("/v1/tasks").json["items"]} == {"done"}
    # The answer was lost, and the app sends it all once more.
    assert outcomes(send(as_guide, *box)) == [("unchanged", None)] * 5
    for table, rows in ((Forward, 1), (FollowUp, 1), (AssignmentEvent, 2)):
        assert db.session.scalar(select(func.count()).select_from(table)) == rows


def test_what_is_refused_stops_only_what_comes_after_it(as_guide: Client, manager: Staff, guide: Staff) -> None:
    make.no_quiet_hours()
    gone = make.content(products=[make.product(shelf_status="off_shelf").id])
    customer = make.bound_customer(guide)
    target = {"kind": "customers", "customer_ids": [str(customer.id)]}
    tap = item("forward", content_id=str(gone.id), channel="wecom_chat", target=target)
    confirmed = item("confirmation", forward_id=tap["id"], after=[tap["id"]])
    nonsense = {"kind": "follow_up", "id": str(new_id()), "customer_id": 5}
    make.task_plan(by=manager)
    task_id = as_guide.get("/v1/tasks").json["items"][0]["id"]
    box = [
        tap,
        confirmed,
        item("release", forward_id=tap["id"], after=[confirmed["id"]]),
        nonsense,
        item("task_command", task_id=task_id, command="submit", after=[nonsense["id"]]),
        item("task_command", task_id=task_id, command="block"),
        {"kind": "wish", "id": "w"},
        item("task_command", task_id=task_id, command="start", captured_at="2020-01-01T00:00:00Z"),
        item("follow_up", customer_id=str(customer.id), channel="wecom", outcome="reached"),
    ]
    told = send(as_guide, *box)
    assert outcomes(told) == [
        ("rejected", "content_not_forwardable"),
        ("blocked", None),
        ("blocked", None),
        ("rejected", "invalid_item"),
        ("blocked", None),
        ("rejected", "invalid"),
        ("rejected", "invalid_item"),
        ("rejected", "invalid"),
        ("created", None),
    ]
    assert {"captured_at", "customer_id", "channel", "outcome"} == told[3]["errors"].keys()
    assert [list(told[n]["errors"]) for n in (5, 6, 7)] == [["reason"], ["kind"], ["captured_at"]]
    assert told[1]["detail"] == "An item that it comes after was not taken."
    assert db.session.scalar(select(func.count()).select_from(AssignmentEvent)) == 0


def test_places_are_given_back_and_follow_ups_are_of_when_they_were_tapped(as_guide: Client, guide: Staff) -> None:
    make.no_quiet_hours()
    content, customer = make.content(), make.bound_customer(guide)
    target = {"kind": "customers", "customer_ids": [str(customer.id)]}
    tap = item("forward", content_id=str(content.id), channel="wecom_chat", target=target)
    send(as_guide, tap)
    reserved = as_guide.post(f"/v1/forwards/{tap['id']}/reservations", json={})
    assert reserved.json["customer_ids"] == [str(customer.id)], reserved.text
    release = item("release", forward_id=tap["id"])
    at = (clock.now() - timedelta(hours=3)).replace(microsecond=0)
    done = item(
        "follow_up", customer_id=str(customer.id), channel="call", outcome="reached", captured_at=at.isoformat()
    )
    assert outcomes(send(as_guide, release, release, done)) == [
        ("created", None),
        ("unchanged", None),
        ("created", None),
    ]
    assert db.session.scalar(select(FollowUp.at)) == at
    foreign = send(as_guide, item("release", forward_id=str(new_id())))
    assert outcomes(foreign) == [("rejected", "forward_not_found")]


def test_it_is_bounded_and_of_those_who_sell(client: Client, as_guide: Client) -> None:
    answer = as_guide.post("/v1/outbox", json={"items": [item("release")] * 101})
    assert (answer.status_code, answer.json["code"]) == (413, "batch_too_large")
    editor = client.sign_in(make.staff(roles=["hq_content"]))
    assert editor.post("/v1/outbox", json={"items": []}).json["code"] == "forbidden"
