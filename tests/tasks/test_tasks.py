"""Guides see their tasks and take them further; forward tasks count themselves; managers review."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
import time_machine
from sqlalchemy import delete, func, select

from guideapi.app import GuideApp
from kit import clock
from kit.db import db, unit_of_work
from kit.errors import Conflict
from kit.ids import new_id
from models import Assignment, AssignmentEvent, Content, ForwardConfirmation, Staff, Submission
from tasks.queries.tasks import TaskNotFound
from tasks.service.closing import close_due
from tasks.service.commands import LEASE, Command, give
from tasks.service.counting import count_recent
from tests import make
from tests.client import Client, new
from tests.races import race

NOON = datetime(2026, 3, 9, 12, tzinfo=ZoneInfo("Asia/Shanghai"))


def listed(client: Client, **query: object) -> list[dict[str, Any]]:
    answer = client.get("/v1/tasks", query_string=query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json["items"]
    return found


def only_task(client: Client, **query: object) -> dict[str, Any]:
    [task] = listed(client, **query)
    return task


def command(client: Client, task: dict[str, Any], name: str, **said: Any) -> Any:
    return client.post(f"/v1/tasks/{task['id']}/commands", json=new({"command": name, **said}))


def refusal(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json["code"]


def test_guide_sees_only_their_own_tasks_of_today(as_guide: Client, manager: Staff, guide: Staff) -> None:
    make.guide(store_id=guide.store_id)
    make.task_plan(by=manager, title="今天")
    tomorrow = clock.business_day(clock.now(), "Asia/Shanghai") + timedelta(days=1)
    make.task_plan(by=manager, title="明天", day=tomorrow)
    assert only_task(as_guide)["title"] == "今天"
    early = only_task(as_guide, day=tomorrow.isoformat())
    assert early["title"] == "明天"
    assert refusal(command(as_guide, early, "submit")) == (409, "task_not_open")


def test_what_is_to_be_done_comes_first_by_deadline(as_guide: Client, manager: Staff, client: Client) -> None:
    day = clock.business_day(clock.now(), "Asia/Shanghai") - timedelta(days=1)
    # Yesterday everything has opened, and nothing was closed.
    early = datetime.combine(day, datetime.min.time(), ZoneInfo("Asia/Shanghai"))
    for hour in (22, 20, 21, 19, 18):
        make.task_plan(by=manager, title=str(hour), day=day, slots=(("00:00", f"{hour}:00"),), now=early)
    tasks = {task["title"]: task for task in listed(as_guide, day=day.isoformat())}
    assert command(as_guide, tasks["18"], "submit").status_code == 201
    assert command(as_guide, tasks["19"], "block", reason="灯箱坏了").json["reason"] == "灯箱坏了"
    first = as_guide.get("/v1/tasks", query_string={"day": day.isoformat(), "limit": 2}).json
    later = {"day": day.isoformat(), "cursor": first["next_cursor"]}
    rest = as_guide.get("/v1/tasks", query_string=later).json
    assert [task["title"] for task in first["items"] + rest["items"]] == ["20", "21", "22", "19", "18"]
    assert [task["title"] for task in listed(as_guide, day=day.isoformat(), state="done")] == ["18"]
    assert {task["overdue"] for task in first["items"]} == {True}


def test_handing_in_makes_it_done_and_is_told(as_guide: Client, manager: Staff, guide: Staff) -> None:
    make.task_plan(by=manager, target_count=2)
    task = only_task(as_guide)
    half = command(as_guide, task, "submit", note="一半")
    assert (half.json["state"], half.json["progress"]) == ("in_progress", {"done": 1, "target": 2})
    command(as_guide, task, "submit", note="全部")
    detail = as_guide.get(f"/v1/tasks/{task['id']}").json
    assert (detail["state"], [submission["note"] for submission in detail["submissions"]]) == ("done", ["一半", "全部"])
    assert [(step["command"], step["after"], step["by"]) for step in detail["history"]] == [
        ("hand_in", "in_progress", guide.name),
        ("finish", "done", guide.name),
    ]
    late = command(as_guide, task, "submit")
    assert (refusal(late), late.json["detail"]) == ((409, "task_not_open"), "The task is done.")


def test_a_command_sent_twice_is_one(as_guide: Client, manager: Staff) -> None:
    make.task_plan(by=manager, target_count=3)
    path = f"/v1/tasks/{only_task(as_guide)['id']}/commands"
    said = {"id": str(new_id()), "command": "submit", "note": "好了"}
    first, second = as_guide.post(path, json=new(said)), as_guide.post(path, json=new(said))
    assert (first.status_code, first.json) == (second.status_code, second.json)
    assert db.session.scalar(select(func.count()).select_from(Submission)) == 1
    for other in ({"note": "别的"}, {"command": "start"}):
        assert refusal(as_guide.post(path, json=new({**said, **other}))) == (409, "task_command_differs")


def test_the_same_tap_twice_at_once_is_one_submission(
    app: GuideApp, as_guide: Client, guide: Staff, manager: Staff
) -> None:
    make.task_plan(by=manager)
    task_id = UUID(only_task(as_guide)["id"])
    tap = Command(id=new_id(), task_id=task_id, command="submit")

    def taken(said: Command) -> str:
        try:
            give(said, principal=make.principal_of(guide), now=clock.now())
        except Conflict as refused:
            return refused.code
        return "taken"

    other = Command(id=new_id(), task_id=task_id, command="submit")
    assert race(app, lambda: taken(tap), lambda: taken(tap)) == ("taken", "taken")
    assert race(app, lambda: taken(tap), lambda: taken(other)) == ("taken", "task_not_open")
    assert db.session.scalar(select(func.count()).select_from(Submission)) == 1


def test_a_claim_is_won_by_one_and_lapses(app: GuideApp, client: Client, manager: Staff, guide: Staff) -> None:
    second = make.guide(store_id=guide.store_id)
    third = make.guide(store_id=guide.store_id)
    make.task_plan(by=manager, share="one", day=NOON.date(), now=NOON)
    [task_id] = db.session.scalars(select(Assignment.id))
    db.session.rollback()

    def claim(who: Staff, at: datetime = NOON, name: str = "claim") -> str:
        try:
            said = Command(id=new_id(), task_id=task_id, command=name)
            give(said, principal=make.principal_of(who), now=at)
        except Conflict as refused:
            return refused.code
        return "taken"

    def held(who: Staff, **said: Any) -> str:
        with unit_of_work():
            return claim(who, **said)

    assert race(app, lambda: claim(guide), lambda: claim(second)) == ("taken", "task_claimed")
    assert held(third, at=NOON + LEASE) == "task_claimed"
    assert held(third, at=NOON + LEASE + timedelta(seconds=1)) == "taken"
    assert held(third, at=NOON + LEASE + timedelta(minutes=2), name="start") == "taken"
    with pytest.raises(TaskNotFound):  # it is somebody's by now
        held(second, at=NOON + 9 * LEASE)


def test_the_stores_tasks_are_shown_until_they_are_claimed(client: Client, manager: Staff, guide: Staff) -> None:
    second = make.guide(store_id=guide.store_id)
    make.task_plan(by=manager, share="some", share_count=2)
    first, other = client.sign_in(guide), client.sign_in(second)
    task = only_task(first)
    assert (task["claimable"], only_task(other)["id"]) == (True, task["id"])
    assert command(first, task, "start").json["code"] == "task_command_not_yours"
    mine = command(first, task, "claim")
    assert (mine.json["claimable"], only_task(first)["id"]) == (False, task["id"])
    assert mine.json["claimed_until"] is not None
    left = only_task(other)
    assert (left["id"] != task["id"], left["claimable"]) == (True, True)
    assert refusal(command(first, left, "claim")) == (409, "task_claimed")
    assert refusal(command(other, task, "claim")) == (409, "task_claimed")
    assert client.sign_in(make.guide()).get(f"/v1/tasks/{task['id']}").json["code"] == "task_not_found"


def test_managers_review_and_give_on(client: Client, as_guide: Client, manager: Staff, guide: Staff) -> None:
    second, stranger = make.guide(store_id=guide.store_id), make.guide()
    as_manager = client.sign_in(manager)
    make.task_plan(by=manager, review=True, share="one")
    task = command(as_guide, only_task(as_guide), "claim").json
    assert command(as_guide, task, "submit", note="一").json["state"] == "submitted"
    assert refusal(command(as_guide, task, "approve")) == (403, "task_command_not_yours")
    assert command(as_guide, task, "withdraw").json["progress"]["done"] == 0
    command(as_guide, task, "submit", note="二")
    unexplained = command(as_manager, task, "return")
    assert (unexplained.status_code, list(unexplained.json["errors"])) == (422, ["reason"])
    assert command(as_manager, task, "return", reason="价签没拍到").json["state"] == "returned"
    again = only_task(as_guide)
    assert (again["state"], again["reason"], again["progress"]["done"]) == ("returned", "价签没拍到", 0)
    for to, expected in ((stranger, 422), (second, 201)):
        assert command(as_manager, task, "reassign", to_id=str(to.id)).status_code == expected
    assert listed(as_guide) == []
    taker = client.sign_in(second)
    assert command(taker, only_task(taker), "submit", note="三").json["state"] == "submitted"
    done = command(as_manager, task, "approve")
    assert (done.status_code, done.json["state"]) == (201, "approved")
    assert refusal(command(as_manager, task, "cancel", reason="x")) == (409, "task_not_open")
    told = [(step["command"], step["guide"]) for step in done.json["history"]]
    assert told[-3:] == [("reassign", guide.name), ("submit", second.name), ("approve", second.name)]


def test_what_was_tapped_in_time_is_taken_when_it_comes_late(manager: Staff, guide: Staff) -> None:
    plan = make.task_plan(
        by=manager, day=NOON.date(), now=NOON, slots=(("00:00", "20:00"),), late="close_at_due", title="x"
    )
    task_id = next(share["id"] for share in plan["guides"] if share["guide_id"] == guide.id)
    with unit_of_work():
        assert close_due(now=NOON + timedelta(hours=9)) == 1
    late = {"by": guide, "now": NOON + timedelta(hours=10)}
    with pytest.raises(Conflict):
        make.task_command(task_id, "submit", **late)
    with pytest.raises(Conflict):
        make.task_command(task_id, "submit", **late, captured_at=NOON + timedelta(hours=9))
    make.task_command(task_id, "submit", **late, captured_at=NOON + timedelta(hours=1))
    steps = db.session.scalars(select(AssignmentEvent.command).order_by(AssignmentEvent.number))
    assert list(steps) == ["close", "recover", "finish"]
    db.session.rollback()


def test_other_peoples_tasks_are_not_found(
    client: Client, as_guide: Client, as_manager: Client, manager: Staff, guide: Staff
) -> None:
    make.task_plan(by=manager)
    task = only_task(as_guide)
    colleague = client.sign_in(make.guide(store_id=guide.store_id))
    other_manager = client.sign_in(make.staff(roles=["store_manager"]))
    assert as_manager.get(f"/v1/tasks/{task['id']}").status_code == 200
    for stranger in (colleague, other_manager):
        assert stranger.get(f"/v1/tasks/{task['id']}").json["code"] == "task_not_found"
        assert command(stranger, task, "submit").json["code"] == "task_not_found"
    assert refusal(command(as_manager, task, "submit")) == (403, "task_command_not_yours")


def forward_task(manager: Staff, content: Content, **said: Any) -> dict[str, Any]:
    return make.task_plan(by=manager, kind="forward", content_id=content.id, **{"target_count": 5, **said})


def done(client: Client) -> list[int]:
    """Of each task of today, in the order in which they were set."""
    return [task["progress"]["done"] for task in sorted(listed(client), key=lambda task: str(task["id"]))]


def test_forwards_complete_every_task_they_match(as_guide: Client, manager: Staff, guide: Staff) -> None:
    content, other = make.content(), make.content()
    for target in (1, 2):
        forward_task(manager, content, target_count=target)
    colleague = make.guide(store_id=guide.store_id)
    make.sent_forward(of=content, guide=guide, at=clock.now())
    make.sent_forward(of=other, guide=guide, at=clock.now())
    make.sent_forward(of=content, guide=colleague, at=clock.now())
    found = sorted((task["progress"]["target"], task["progress"]["done"], task["state"]) for task in listed(as_guide))
    assert found == [(1, 1, "done"), (2, 1, "open")]


def test_facts_that_are_gone_undo_it_and_history_tells(as_guide: Client, manager: Staff, guide: Staff) -> None:
    content = make.content()
    forward_task(manager, content, target_count=1)
    forward = make.sent_forward(of=content, guide=guide, at=clock.now())
    assert only_task(as_guide)["state"] == "done"

    def stored() -> str | None:
        with unit_of_work():
            count_recent(now=clock.now())
            return db.session.scalar(select(Assignment.state))

    assert stored() == "done"
    make.sent_forward(of=make.content(), guide=guide, at=clock.now())
    with unit_of_work():
        db.session.execute(delete(ForwardConfirmation).where(ForwardConfirmation.forward_id == forward.id))
    assert only_task(as_guide)["state"] == "in_progress"
    assert stored() == "in_progress"
    history = as_guide.get(f"/v1/tasks/{only_task(as_guide)['id']}").json["history"]
    assert [(step["command"], step["by"]) for step in history] == [("finish", None), ("undo", None)]


def test_forwards_count_on_their_business_day_only(client: Client) -> None:
    store = make.store(time_zone="America/New_York")
    guide = make.guide(store_id=store.id)
    manager = make.staff(roles=["store_manager"], store_id=store.id)
    content = make.content()
    # The day the clocks go back has 25 hours: 04:00 UTC to 05:00 UTC.
    day = date(2026, 11, 1)
    before = datetime(2026, 10, 31, 12, tzinfo=UTC)
    forward_task(manager, content, day=day, now=before)
    edges = ("2026-11-01T03:59:59Z", "2026-11-01T04:00:00Z", "2026-11-02T04:59:59Z", "2026-11-02T05:00:00Z")
    for at in edges:
        make.sent_forward(of=content, guide=guide, at=datetime.fromisoformat(at))
    with time_machine.travel(datetime(2026, 11, 1, 12, tzinfo=UTC)):
        assert only_task(client.sign_in(guide))["progress"] == {"done": 2, "target": 5}


def test_taps_that_nobody_sent_do_nothing(as_guide: Client, manager: Staff) -> None:
    content = make.content()
    forward_task(manager, content)
    for _ in range(5):
        tap = {"id": str(new_id()), "channel": "wecom_chat", "target": {"kind": "none"}}
        assert as_guide.post(f"/v1/content/{content.id}/forwards", json=tap).status_code == 201
    forward_task(manager, content)
    assert done(as_guide) == [0, 0]
    for _ in range(2):
        confirmed = as_guide.post(f"/v1/forwards/{tap['id']}/confirmations", json={"kind": "client"})
        assert confirmed.status_code == 200, confirmed.text
        assert done(as_guide) == [1, 1]


def test_what_was_sent_before_the_task_was_set_does_not_count(
    client: Client, as_guide: Client, manager: Staff, guide: Staff
) -> None:
    content, channel = make.content(), client.with_token(make.api_key(scopes=["forwards:write"]))
    forward_task(manager, content)
    forward = make.sent_forward(of=content, guide=guide, at=clock.now())
    unsent = make.forward(of=content, guide=guide, at=clock.now())
    forward_task(manager, content)
    assert done(as_guide) == [1, 0]
    # That the channel delivered what the app had shared before is no second sending.
    delivered = channel.post(f"/v1/forwards/{forward.id}/confirmations", json={"kind": "channel"})
    assert delivered.status_code == 200, delivered.text
    assert done(as_guide) == [1, 0]
    make.confirm_sent(unsent)
    assert done(as_guide) == [2, 1]


def test_a_customer_counts_once_where_customers_are_named(as_guide: Client, manager: Staff, guide: Staff) -> None:
    content = make.content()
    forward_task(manager, content)
    make.contact_policy(week_limit=9)
    people = [make.person(guide=guide) for _ in range(3)]
    for chosen in (people, people[:1]):
        target = {"kind": "customers", "customer_ids": [str(one) for one in chosen]}
        forward = make.forward(of=content, guide=guide, target=target, channel="wecom_chat", at=clock.now())
        make.confirm_sent(forward, customer_ids=chosen[:2])
    assert done(as_guide) == [2]
    make.sent_forward(of=content, guide=guide, at=clock.now())
    assert done(as_guide) == [3]


def test_a_forward_task_says_what_to_forward_and_takes_nothing_else(as_guide: Client, manager: Staff) -> None:
    product = make.product()
    content = make.content(products=[product.id], saying={"title": "新品"})
    forward_task(manager, content)
    task = only_task(as_guide)
    assert task["content"] == {
        "id": str(content.id),
        "kind": "article",
        "title": "新品",
        "thumbnail_url": None,
        "forwardable": True,
        "reasons": [],
    }
    assert refusal(command(as_guide, task, "submit")) == (409, "task_counts_itself")
    make.off_shelf(product)
    shown = only_task(as_guide)["content"]
    assert (shown["forwardable"], [reason["code"] for reason in shown["reasons"]]) == (False, ["product_not_sellable"])
    make.withdraw(content.id)
    task = only_task(as_guide)
    assert as_guide.get(f"/v1/tasks/{task['id']}").json["content"] == task["content"]
    assert "content_withdrawn" in [reason["code"] for reason in task["content"]["reasons"]]
