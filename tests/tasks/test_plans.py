"""Managers set tasks for their stores, and see how far each guide is."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from sqlalchemy import func, select

from guideapi.app import GuideApp
from kit import clock
from kit.db import db
from kit.ids import new_id
from models import Assignment, Staff
from tasks import service
from tests import make
from tests.client import Client, new
from tests.races import race

CHECK = {"kind": "custom", "title": "陈列检查", "instructions": "拍照前先整理"}


def count_assignments() -> int | None:
    return db.session.scalar(select(func.count()).select_from(Assignment))


def test_a_plan_becomes_one_task_for_each_guide_of_the_store(as_manager: Client, guide: Staff) -> None:
    second = make.guide(store_id=guide.store_id)
    make.guide(store_id=guide.store_id, left_on=make.yesterday())
    make.guide()
    plan = as_manager.post("/v1/task-plans", json=new({**CHECK, "target_count": 2}))
    assert plan.status_code == 201
    assert plan.json["store_id"] == str(guide.store_id)
    assert [share["guide"]["id"] for share in plan.json["guides"]] == [str(guide.id), str(second.id)]
    assert {share["state"] for share in plan.json["guides"]} == {"open"}
    assert plan.json["guides"][0]["progress"] == {"done": 0, "target": 2}
    assert count_assignments() == 2


def test_day_and_deadline_default_to_today_in_the_stores_zone(client: Client) -> None:
    auckland = make.store(time_zone="Pacific/Auckland")
    make.guide(store_id=auckland.id)
    manager = client.sign_in(make.staff(roles=["store_manager"], store_id=auckland.id))
    plan = manager.post("/v1/task-plans", json=new(CHECK)).json
    today = clock.now().astimezone(ZoneInfo("Pacific/Auckland")).date()
    assert plan["day"] == today.isoformat()
    ends = datetime.fromisoformat(plan["due_at"]).astimezone(ZoneInfo("Pacific/Auckland"))
    assert (ends.date(), ends.hour, ends.minute) == (today + timedelta(days=1), 0, 0)


def test_the_same_plan_twice_is_one_plan(as_manager: Client) -> None:
    asked = {**CHECK, "id": str(new_id())}
    first = as_manager.post("/v1/task-plans", json=new(asked))
    with time_machine.travel(clock.now() + timedelta(minutes=5)):
        second = as_manager.post("/v1/task-plans", json=new(asked))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json == second.json
    assert count_assignments() == 1


def test_the_same_plan_twice_at_once_is_one_plan(app: GuideApp, guide: Staff, manager: Staff) -> None:
    plan_id, now = new_id(), clock.now()
    defaults = {"content_id": None, "target_count": 1, "store_id": None, "day": None, "due_at": None}
    draft = service.PlanDraft(**CHECK, **defaults)

    def create() -> dict[str, Any]:
        return service.create_plan(plan_id=plan_id, draft=draft, principal=make.principal_of(manager), now=now)

    first, second = race(app, create, create)
    assert first == second
    assert count_assignments() == 1


@pytest.mark.parametrize("change", [{"title": "别的"}, {"target_count": 3}, {"day": "2099-01-01"}])
def test_the_same_id_with_another_content_is_refused(as_manager: Client, change: dict[str, object]) -> None:
    asked = {**CHECK, "id": str(new_id())}
    as_manager.post("/v1/task-plans", json=new(asked))
    second = as_manager.post("/v1/task-plans", json=new({**asked, **change}))
    assert (second.status_code, second.json["code"]) == (409, "task_plan_differs")
    assert count_assignments() == 1


def test_guides_set_no_tasks(as_guide: Client) -> None:
    assert as_guide.post("/v1/task-plans", json=new(CHECK)).json["code"] == "forbidden"
    assert as_guide.get("/v1/task-plans").json["code"] == "forbidden"


def test_managers_reach_their_own_stores_only(client: Client, as_manager: Client, guide: Staff) -> None:
    region = make.region()
    mine, theirs = make.store(region_id=make.region(parent=region).id), make.store()
    for store in (mine, theirs):
        make.guide(store_id=store.id)
    regional = client.sign_in(make.staff(roles=["regional_manager"], region_id=region.id))
    hq = client.sign_in(make.staff(roles=["hq_admin"]))

    def answers(caller: Client, store_id: object) -> int:
        return caller.post("/v1/task-plans", json=new({**CHECK, "store_id": str(store_id)})).status_code

    assert answers(as_manager, guide.store_id) == 201
    assert answers(as_manager, mine.id) == 404
    assert answers(regional, mine.id) == 201
    assert answers(regional, theirs.id) == 404
    assert answers(hq, theirs.id) == 201

    def seen(caller: Client) -> set[str]:
        return {plan["store_id"] for plan in caller.get("/v1/task-plans").json["items"]}

    assert seen(as_manager) == {str(guide.store_id)}
    assert seen(regional) == {str(mine.id)}
    assert seen(hq) == {str(guide.store_id), str(mine.id), str(theirs.id)}
    assert as_manager.get("/v1/task-plans", query_string={"store_id": str(mine.id)}).json["items"] == []


def test_who_has_no_store_names_one(client: Client, guide: Staff) -> None:
    answer = client.sign_in(make.staff(roles=["hq_admin"])).post("/v1/task-plans", json=new(CHECK))
    assert (answer.status_code, set(answer.json["errors"])) == (422, {"store_id"})


def test_a_store_where_nobody_sells_cannot_be_given_tasks(client: Client) -> None:
    admin, empty = client.sign_in(make.staff(roles=["hq_admin"])), make.store()
    assert admin.post("/v1/task-plans", json=new({**CHECK, "store_id": str(empty.id)})).json["code"] == "no_guides"
    assert admin.get("/v1/task-plans").json["items"] == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "forward"}, "content_id"),
        ({"content_id": str(new_id())}, "content_id"),
        ({"day": "2020-01-01"}, "day"),
        ({"due_at": "2099-01-01T00:00:00Z"}, "due_at"),
        ({"due_at": "2099-01-01T00:00:00"}, "due_at"),
        ({"target_count": 0}, "target_count"),
        ({"kind": "sleep"}, "kind"),
    ],
)
def test_what_makes_no_sense_is_told_by_field(as_manager: Client, change: dict[str, object], field: str) -> None:
    answer = as_manager.post("/v1/task-plans", json=new({**CHECK, **change}))
    assert answer.status_code == 422
    assert field in answer.json["errors"]
    assert count_assignments() == 0


def test_plans_come_newest_first_in_pages(as_manager: Client, manager: Staff) -> None:
    start = datetime.now(UTC)
    made = [str(make.task_plan(by=manager, now=start + timedelta(seconds=n))["id"]) for n in range(5)]
    first = as_manager.get("/v1/task-plans", query_string={"limit": 3}).json
    rest = as_manager.get("/v1/task-plans", query_string={"limit": 3, "cursor": first["next_cursor"]}).json
    assert [plan["id"] for plan in first["items"] + rest["items"]] == made[::-1]
    assert rest["next_cursor"] is None


def test_cancelling_calls_off_what_is_not_done(as_manager: Client, as_guide: Client, guide: Staff) -> None:
    make.guide(store_id=guide.store_id)
    plan = as_manager.post("/v1/task-plans", json=new(CHECK)).json
    [mine] = as_guide.get("/v1/tasks").json["items"]
    as_guide.post(f"/v1/tasks/{mine['id']}/submissions", json=new({"note": "好了"}))
    cancelled = as_manager.post(f"/v1/task-plans/{plan['id']}/cancel")
    assert cancelled.status_code == 200
    assert [share["state"] for share in cancelled.json["guides"]] == ["done", "cancelled"]
    again = as_manager.post(f"/v1/task-plans/{plan['id']}/cancel")
    assert again.json == cancelled.json
    assert as_manager.get("/v1/task-plans").json["items"] == [cancelled.json]


def test_a_manager_cannot_cancel_another_stores_plan(client: Client, as_manager: Client) -> None:
    plan = as_manager.post("/v1/task-plans", json=new(CHECK)).json
    stranger = client.sign_in(make.staff(roles=["store_manager"]))
    answer = stranger.post(f"/v1/task-plans/{plan['id']}/cancel")
    assert (answer.status_code, answer.json["code"]) == (404, "task_plan_not_found")


def test_only_published_content_can_be_asked_for(as_manager: Client) -> None:
    draft = make.content(published=False)
    for content_id in (draft.id, new_id()):
        asked = {**CHECK, "kind": "forward", "content_id": str(content_id)}
        answer = as_manager.post("/v1/task-plans", json=new(asked))
        assert (answer.status_code, set(answer.json["errors"])) == (422, {"content_id"})
    make.publish(draft.id)
    answer = as_manager.post("/v1/task-plans", json=new({**CHECK, "kind": "forward", "content_id": str(draft.id)}))
    assert (answer.status_code, answer.json["content_id"]) == (201, str(draft.id))
