"""Guides see their tasks, hand them in, and forward tasks count themselves."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import time_machine
from sqlalchemy import delete, func, select

from guideapi.app import GuideApp
from kit import clock
from kit.db import db, unit_of_work
from kit.ids import new_id
from models import Content, ForwardConfirmation, Staff, Submission
from tasks import service
from tests import make
from tests.client import Client, new
from tests.races import race


def only_task(client: Client, **query: object) -> dict[str, Any]:
    [task] = client.get("/v1/tasks", query_string=query).json["items"]
    return task


def count_submissions() -> int | None:
    return db.session.scalar(select(func.count()).select_from(Submission))


def test_guide_sees_only_their_own_tasks_of_today(as_guide: Client, manager: Staff, guide: Staff) -> None:
    make.guide(store_id=guide.store_id)
    today = make.task_plan(by=manager, title="今天")
    tomorrow = clock.business_day(clock.now(), "Asia/Shanghai") + timedelta(days=1)
    make.task_plan(by=manager, title="明天", day=tomorrow)
    task = only_task(as_guide)
    assert (task["plan_id"], task["title"], task["state"]) == (str(today["id"]), "今天", "open")
    assert only_task(as_guide, day=tomorrow.isoformat())["title"] == "明天"


def test_the_most_urgent_task_comes_first_in_pages(as_guide: Client, manager: Staff) -> None:
    day = clock.business_day(clock.now(), "Asia/Shanghai") + timedelta(days=1)
    noon = datetime(day.year, day.month, day.day, 4, tzinfo=UTC)
    for hours in (2, 0, 1):
        make.task_plan(by=manager, title=str(hours), day=day, due_at=noon + timedelta(hours=hours))
    first = as_guide.get("/v1/tasks", query_string={"day": day.isoformat(), "limit": 2}).json
    rest = as_guide.get(
        "/v1/tasks", query_string={"day": day.isoformat(), "limit": 2, "cursor": first["next_cursor"]}
    ).json
    assert [task["title"] for task in first["items"] + rest["items"]] == ["0", "1", "2"]


def test_handing_in_makes_it_done(as_guide: Client, manager: Staff) -> None:
    make.task_plan(by=manager, target_count=2)
    task = only_task(as_guide)
    first = as_guide.post(f"/v1/tasks/{task['id']}/submissions", json=new({"note": "一半"}))
    assert first.status_code == 201
    assert only_task(as_guide)["progress"] == {"done": 1, "target": 2}
    as_guide.post(f"/v1/tasks/{task['id']}/submissions", json=new({"note": "全部"}))
    detail = as_guide.get(f"/v1/tasks/{task['id']}").json
    assert (detail["state"], [submission["note"] for submission in detail["submissions"]]) == ("done", ["一半", "全部"])


def test_a_submission_sent_twice_counts_once(as_guide: Client, manager: Staff) -> None:
    make.task_plan(by=manager)
    path = f"/v1/tasks/{only_task(as_guide)['id']}/submissions"
    said = {"id": str(new_id()), "note": "好了"}
    first, second = as_guide.post(path, json=new(said)), as_guide.post(path, json=new(said))
    assert (first.status_code, first.json) == (second.status_code, second.json)
    assert count_submissions() == 1
    other = as_guide.post(path, json=new({**said, "note": "别的"}))
    assert (other.status_code, other.json["code"]) == (409, "submission_differs")


def test_two_taps_at_once_hand_in_one_task_once(app: GuideApp, as_guide: Client, guide: Staff, manager: Staff) -> None:
    make.task_plan(by=manager)
    task_id = UUID(only_task(as_guide)["id"])

    def tap() -> str:
        said = {"submission_id": new_id(), "task_id": task_id, "note": "", "now": clock.now()}
        try:
            service.submit(guide=make.principal_of(guide), **said)
        except service.TaskNotOpen as refusal:
            return refusal.code
        return "handed in"

    assert race(app, tap, tap) == ("handed in", "task_not_open")
    assert count_submissions() == 1


def test_the_same_tap_twice_at_once_is_one_submission(
    app: GuideApp, as_guide: Client, guide: Staff, manager: Staff
) -> None:
    make.task_plan(by=manager)
    said = {"submission_id": new_id(), "task_id": UUID(only_task(as_guide)["id"]), "note": "好了", "now": clock.now()}
    first, second = race(app, *[lambda: service.submit(guide=make.principal_of(guide), **said)] * 2)
    assert first == second
    assert count_submissions() == 1


def test_a_task_that_is_done_or_called_off_takes_no_more(as_guide: Client, as_manager: Client, manager: Staff) -> None:
    make.task_plan(by=manager)
    path = f"/v1/tasks/{only_task(as_guide)['id']}/submissions"
    as_guide.post(path, json=new({}))
    late = as_guide.post(path, json=new({}))
    assert (late.status_code, late.json["code"], late.json["detail"]) == (409, "task_not_open", "The task is done.")
    plan = make.task_plan(by=manager, title="取消")
    [called_off] = [task for task in as_guide.get("/v1/tasks").json["items"] if task["plan_id"] == str(plan["id"])]
    as_manager.post(f"/v1/task-plans/{plan['id']}/cancel")
    answer = as_guide.post(f"/v1/tasks/{called_off['id']}/submissions", json=new({}))
    assert (answer.json["code"], answer.json["detail"]) == ("task_not_open", "The task was called off.")


def test_a_task_past_its_deadline_is_overdue_and_still_taken(as_guide: Client, client: Client, guide: Staff) -> None:
    manager = make.staff(roles=["store_manager"], store_id=guide.store_id)
    plan = make.task_plan(by=manager)
    assert only_task(as_guide)["overdue"] is False
    with time_machine.travel(plan["due_at"] + timedelta(minutes=1)):
        signed_in = client.sign_in(guide)
        task = only_task(signed_in, day=plan["day"].isoformat())
        assert (task["overdue"], task["state"]) == (True, "open")
        assert signed_in.post(f"/v1/tasks/{task['id']}/submissions", json=new({})).status_code == 201
        assert only_task(signed_in, day=plan["day"].isoformat())["overdue"] is False


def test_other_peoples_tasks_are_not_found(
    client: Client, as_guide: Client, as_manager: Client, manager: Staff, guide: Staff
) -> None:
    make.task_plan(by=manager)
    path = f"/v1/tasks/{only_task(as_guide)['id']}"
    colleague = client.sign_in(make.guide(store_id=guide.store_id))
    other_manager = client.sign_in(make.staff(roles=["store_manager"]))
    assert as_manager.get(path).status_code == 200
    for stranger in (colleague, other_manager):
        assert stranger.get(path).json["code"] == "task_not_found"
    for other in (colleague, as_manager):
        assert other.post(f"{path}/submissions", json=new({})).json["code"] == "task_not_found"


def test_forwards_complete_every_task_they_match(as_guide: Client, manager: Staff, guide: Staff) -> None:
    content, other = make.content(), make.content()
    for target in (1, 2):
        make.task_plan(by=manager, kind="forward", content_id=content.id, target_count=target)
    colleague = make.guide(store_id=guide.store_id)
    make.sent_forward(of=content, guide=guide, at=clock.now())
    make.sent_forward(of=other, guide=guide, at=clock.now())
    make.sent_forward(of=content, guide=colleague, at=clock.now())
    tasks = as_guide.get("/v1/tasks").json["items"]
    found = sorted((task["progress"]["target"], task["progress"]["done"], task["state"]) for task in tasks)
    assert found == [(1, 1, "done"), (2, 1, "open")]


def test_progress_is_undone_with_the_confirmation(as_guide: Client, manager: Staff, guide: Staff) -> None:
    content = make.content()
    make.task_plan(by=manager, kind="forward", content_id=content.id)
    forward = make.sent_forward(of=content, guide=guide, at=clock.now())
    assert only_task(as_guide)["state"] == "done"
    with unit_of_work():
        db.session.execute(delete(ForwardConfirmation).where(ForwardConfirmation.forward_id == forward.id))
    assert only_task(as_guide)["state"] == "open"


def test_forwards_count_on_their_business_day_only(client: Client) -> None:
    store = make.store(time_zone="America/New_York")
    guide = make.guide(store_id=store.id)
    manager = make.staff(roles=["store_manager"], store_id=store.id)
    content = make.content()
    # The day the clocks go back has 25 hours: 04:00 UTC to 05:00 UTC.
    day = date(2026, 11, 1)
    morning = datetime(2026, 11, 1, 12, tzinfo=UTC)
    before = datetime(2026, 10, 31, 12, tzinfo=UTC)
    make.task_plan(by=manager, kind="forward", content_id=content.id, target_count=9, day=day, now=before)
    edges = ("2026-11-01T03:59:59Z", "2026-11-01T04:00:00Z", "2026-11-02T04:59:59Z", "2026-11-02T05:00:00Z")
    for at in edges:
        make.sent_forward(of=content, guide=guide, at=datetime.fromisoformat(at))
    with time_machine.travel(morning):
        assert only_task(client.sign_in(guide))["progress"] == {"done": 2, "target": 9}


def forward_task(manager: Staff, content: Content, **fields: Any) -> None:
    make.task_plan(by=manager, kind="forward", content_id=content.id, target_count=5, **fields)


def done(client: Client) -> list[int]:
    """Of each task of today, in the order in which they were set."""
    tasks = client.get("/v1/tasks").json["items"]
    return [task["progress"]["done"] for task in sorted(tasks, key=lambda task: str(task["id"]))]


def test_taps_that_nobody_sent_do_nothing(as_guide: Client, manager: Staff) -> None:
    content = make.content()
    forward_task(manager, content)
    for _ in range(5):
        tap = {"id": str(new_id()), "channel": "wecom_chat", "target": {"kind": "none"}}
        assert as_guide.post(f"/v1/content/{content.id}/forwards", json=tap).status_code == 201
    forward_task(manager, content)
    assert done(as_guide) == [0, 0]
    confirmed = as_guide.post(f"/v1/forwards/{tap['id']}/confirmations", json={"kind": "client"})
    assert confirmed.status_code == 200, confirmed.text
    assert done(as_guide) == [1, 1]
    as_guide.post(f"/v1/forwards/{tap['id']}/confirmations", json={"kind": "client"})
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


def test_a_forward_task_has_nothing_to_hand_in(as_guide: Client, manager: Staff) -> None:
    content = make.content()
    make.task_plan(by=manager, kind="forward", content_id=content.id)
    answer = as_guide.post(f"/v1/tasks/{only_task(as_guide)['id']}/submissions", json=new({}))
    assert (answer.status_code, answer.json["code"]) == (409, "task_counts_itself")


def test_a_forward_task_says_whether_its_content_may_be_forwarded(as_guide: Client, manager: Staff) -> None:
    product = make.product()
    content = make.content(products=[product.id], saying={"title": "新品"})
    make.task_plan(by=manager, kind="forward", content_id=content.id)
    shown = only_task(as_guide)["content"]
    assert shown == {
        "id": str(content.id),
        "kind": "article",
        "title": "新品",
        "thumbnail_url": None,
        "forwardable": True,
        "reasons": [],
    }
    make.off_shelf(product)
    shown = only_task(as_guide)["content"]
    assert shown["forwardable"] is False
    assert [reason["code"] for reason in shown["reasons"]] == ["product_not_sellable"]


def test_withdrawn_content_stays_on_the_task_with_the_reason(as_guide: Client, manager: Staff) -> None:
    content = make.content()
    make.task_plan(by=manager, kind="forward", content_id=content.id)
    make.withdraw(content.id)
    task = only_task(as_guide)
    assert as_guide.get(f"/v1/tasks/{task['id']}").json["content"] == task["content"]
    assert [reason["code"] for reason in task["content"]["reasons"]] == ["content_withdrawn"]
