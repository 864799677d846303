"""Managers set tasks for any number of stores, change them, and see how far each guide is."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
import time_machine
from sqlalchemy import func, select

from guideapi.app import GuideApp
from kit import clock
from kit.db import db, unit_of_work
from kit.errors import Invalid
from kit.ids import new_id
from models import Assignment, Placement, Staff, TaskOccurrence, TaskPlan, TaskPlanVersion
from tasks.service import plans
from tests import make
from tests.client import Client, new
from tests.races import race

CHECK = {"kind": "custom", "title": "陈列检查", "instructions": "拍照前先整理"}


def count(table: Any = Assignment) -> int | None:
    return db.session.scalar(select(func.count()).select_from(table))


def today() -> date:
    return clock.business_day(clock.now(), "Asia/Shanghai")


def change(client: Client, plan: dict[str, Any], **said: Any) -> Any:
    path = f"/v1/task-plans/{plan['id']}"
    etag = client.get(path).headers["ETag"]
    return client.patch(path, json={"title": plan["title"], **said}, headers={"If-Match": etag})


def test_a_plan_becomes_one_task_for_each_guide_of_the_store(as_manager: Client, guide: Staff) -> None:
    second = make.guide(store_id=guide.store_id)
    make.guide(store_id=guide.store_id, left_on=make.yesterday())
    make.guide()
    plan = as_manager.post("/v1/task-plans", json=new({**CHECK, "target_count": 2}))
    assert plan.status_code == 201, plan.text
    assert plan.json["audience"]["store_ids"] == [str(guide.store_id)]
    assert [share["guide"]["id"] for share in plan.json["guides"]] == [str(guide.id), str(second.id)]
    assert {share["state"] for share in plan.json["guides"]} == {"open"}
    assert plan.json["guides"][0]["progress"] == {"done": 0, "target": 2}
    assert (count(), plan.json["reached_stores"], plan.json["state"]) == (2, 1, "published")


def test_days_and_deadlines_are_those_of_each_stores_clock(client: Client) -> None:
    region = make.region()
    zones = ("Pacific/Auckland", "Asia/Shanghai", "America/New_York")
    stores = [make.store(region_id=region.id, time_zone=zone) for zone in zones]
    for store in stores:
        make.guide(store_id=store.id)
    boss = client.sign_in(make.staff(roles=["hq_admin"]))
    day = today() + timedelta(days=1)
    said = {
        **CHECK,
        "audience": {"region_ids": [str(region.id)]},
        "schedule": {"first_day": day.isoformat(), "slots": [{"opens": "09:00", "due": "12:00"}, {"opens": "18:00"}]},
    }
    plan = boss.post("/v1/task-plans", json=new(said))
    assert (plan.status_code, plan.json["reached_stores"]) == (201, 3)
    found = db.session.execute(select(TaskOccurrence.store_id, TaskOccurrence.opens_at, TaskOccurrence.due_at))
    zone_of = {store.id: ZoneInfo(store.time_zone) for store in stores}
    local = {
        (store_id, opens.astimezone(zone_of[store_id]).isoformat()[:16], due.astimezone(zone_of[store_id]).hour)
        for store_id, opens, due in found
    }
    assert local == {(s.id, f"{day}T{at}", due) for s in stores for at, due in (("09:00", 12), ("18:00", 0))}


def test_the_same_plan_twice_is_one_plan(as_manager: Client) -> None:
    asked = {**CHECK, "id": str(new_id())}
    first = as_manager.post("/v1/task-plans", json=new(asked))
    with time_machine.travel(clock.now() + timedelta(seconds=5)):
        second = as_manager.post("/v1/task-plans", json=new(asked))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json == second.json
    for other in ({"title": "别的"}, {"target_count": 3}, {"schedule": {"first_day": "2099-01-01"}}):
        refused = as_manager.post("/v1/task-plans", json=new({**asked, **other}))
        assert (refused.status_code, refused.json["code"]) == (409, "task_plan_differs")
    assert count() == 1


def test_the_same_plan_twice_at_once_is_one_plan(app: GuideApp, guide: Staff, manager: Staff) -> None:
    plan_id, now = new_id(), clock.now()
    store_manager = make.as_manager(manager)

    def create() -> UUID:
        draft = make.plan_draft(day=today())
        return plans.create_plan(plan_id=plan_id, draft=draft, publish=True, principal=store_manager, now=now)

    assert race(app, create, create) == (plan_id, plan_id)
    assert count() == 1


def test_managers_reach_their_own_stores_only(client: Client, as_manager: Client, guide: Staff) -> None:
    region = make.region()
    mine, theirs = make.store(region_id=make.region(parent=region).id), make.store()
    for store in (mine, theirs):
        make.guide(store_id=store.id)
    regional = client.sign_in(make.staff(roles=["regional_manager"], region_id=region.id))
    hq = client.sign_in(make.staff(roles=["hq_admin"]))

    def answers(caller: Client, **audience: Any) -> int:
        return caller.post("/v1/task-plans", json=new({**CHECK, "audience": audience})).status_code

    assert answers(as_manager, store_ids=[str(guide.store_id)]) == 201
    assert answers(as_manager, store_ids=[str(mine.id)]) == 404
    assert answers(as_manager, region_ids=[str(region.id)]) == 404
    assert answers(regional, store_ids=[str(mine.id)]) == 201
    assert answers(regional, store_ids=[str(mine.id), str(theirs.id)]) == 404
    assert answers(hq, store_ids=[str(theirs.id)]) == 201
    assert answers(hq) == 422
    shown = [caller.get("/v1/task-plans").json["items"] for caller in (as_manager, regional, hq)]
    assert [len(plans_shown) for plans_shown in shown] == [1, 1, 3]
    assert as_manager.get("/v1/task-plans", query_string={"store_id": str(mine.id)}).status_code == 404
    # What others set for one's store is seen there, with one's own people, and changed by them alone.
    whole = {"store_ids": [str(guide.store_id), str(theirs.id)]}
    plan = hq.post("/v1/task-plans", json=new({**CHECK, "audience": whole})).json
    assert (len(plan["guides"]), plan["reached_stores"]) == (2, 2)
    seen = as_manager.get(f"/v1/task-plans/{plan['id']}")
    assert [share["guide"]["id"] for share in seen.json["guides"]] == [str(guide.id)]
    for command in ("pause", "end"):
        assert as_manager.post(f"/v1/task-plans/{plan['id']}/{command}").json["code"] == "task_plan_not_yours"
    assert change(as_manager, plan).json["code"] == "task_plan_not_yours"
    assert regional.get(f"/v1/task-plans/{plan['id']}").json["code"] == "task_plan_not_found"


def test_who_covers_a_store_sets_tasks_there_one_store_at_a_time(client: Client, guide: Staff) -> None:
    home = make.store()
    make.guide(store_id=home.id)
    manager = make.staff(roles=["store_manager"], store_id=home.id)
    said = {"staff_id": manager.id, "role": "store_manager", "kind": "cover", "first_day": today(), "last_day": today()}
    make.save(Placement(store_id=guide.store_id, **said))
    caller, there = client.sign_in(manager), {"store_ids": [str(guide.store_id)]}
    plan = caller.post("/v1/task-plans", json=new({**CHECK, "audience": there})).json
    assert ([share["guide"]["id"] for share in plan["guides"]], plan["owner_store_id"]) == (
        [str(guide.id)],
        str(guide.store_id),
    )
    # Named or not, it stays that store's.
    assert change(caller, plan, title="橱窗").json["audience"]["store_ids"] == there["store_ids"]
    both = {"store_ids": [*there["store_ids"], str(home.id)]}
    refused = caller.post("/v1/task-plans", json=new({**CHECK, "audience": both}))
    assert refused.json["errors"]["audience.store_ids"][0]["code"] == "one_store"
    assert change(caller, plan, audience={"store_ids": [str(home.id)]}).status_code == 422


def test_tags_narrow_an_audience_and_stores_without_people_get_nothing(client: Client) -> None:
    region = make.region()
    flagship, plain = make.store(region_id=region.id, tags=["旗舰"]), make.store(region_id=region.id)
    guide = make.guide(store_id=flagship.id)
    make.guide(store_id=plain.id)
    manager = make.staff(roles=["store_manager"], store_id=flagship.id)
    hq = client.sign_in(make.staff(roles=["hq_admin"]))

    def people(**audience: Any) -> set[str]:
        asked = {**CHECK, "audience": {"region_ids": [str(region.id)], **audience}}
        shares = hq.post("/v1/task-plans", json=new(asked)).json["guides"]
        return {share["guide"]["id"] for share in shares}

    assert people(store_tags=["旗舰"]) == {str(guide.id)}
    assert people(store_tags=["旗舰"], roles=["guide", "store_manager"]) == {str(guide.id), str(manager.id)}
    assert people(store_tags=["旗舰"], roles=["store_manager"]) == {str(manager.id)}
    empty = {**CHECK, "audience": {"region_ids": [str(region.id)], "store_tags": ["没有"]}}
    assert hq.post("/v1/task-plans", json=new(empty)).json["code"] == "no_guides"
    assert count(TaskPlan) == 3


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"kind": "forward"}, "content_id"),
        ({"content_id": str(new_id())}, "content_id"),
        ({"schedule": {"first_day": "2020-01-01"}}, "schedule.first_day"),
        ({"schedule": {"rrule": "FREQ=HOURLY"}}, "schedule.rrule"),
        ({"schedule": {"slots": [{"opens": "12:00", "due": "09:00"}]}}, "schedule.slots"),
        ({"schedule": {"slots": [{"due": "25:00"}]}}, "schedule.slots.0.due"),
        ({"share": "some"}, "share_count"),
        ({"share_count": 2}, "share_count"),
        ({"audience": {"roles": []}}, "audience.roles"),
        ({"target_count": 0}, "target_count"),
        ({"kind": "sleep"}, "kind"),
    ],
)
def test_what_makes_no_sense_is_told_by_field(as_manager: Client, said: dict[str, object], field: str) -> None:
    answer = as_manager.post("/v1/task-plans", json=new({**CHECK, **said}))
    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])
    assert count(TaskPlan) == 0


def test_a_deadline_that_is_over_is_nobodys_task(manager: Staff) -> None:
    noon = datetime(2026, 3, 9, 12, tzinfo=ZoneInfo("Asia/Shanghai"))
    with pytest.raises(Invalid) as refused:
        make.task_plan(by=manager, now=noon, slots=(("09:00", "12:00"),))
    assert list(refused.value.errors or ()) == ["schedule.slots"]
    assert count(TaskPlan) == 0


def test_a_draft_is_nobodys_task_until_it_is_published(as_manager: Client, as_guide: Client, manager: Staff) -> None:
    draft = as_manager.post("/v1/task-plans", json=new({**CHECK, "publish": False})).json
    assert (draft["state"], draft["guides"], as_guide.get("/v1/tasks").json["items"]) == ("draft", [], [])
    changed = change(as_manager, draft, title="陈列检查二")
    assert (changed.status_code, changed.json["number"], changed.json["state"]) == (200, 2, "draft")
    path = f"/v1/task-plans/{draft['id']}"
    assert as_manager.post(f"{path}/pause").json["code"] == "task_plan_state_forbids"
    published = as_manager.post(f"{path}/publish")
    assert (published.json["state"], len(published.json["guides"])) == ("published", 1)
    assert as_manager.post(f"{path}/publish").json["guides"] == published.json["guides"]
    [task] = as_guide.get("/v1/tasks").json["items"]
    assert task["title"] == "陈列检查二"


def test_an_edit_is_for_what_has_not_opened(as_manager: Client, as_guide: Client, guide: Staff) -> None:
    daily = {**CHECK, "schedule": {"rrule": "FREQ=DAILY", "slots": [{"opens": "00:00", "due": "21:00"}]}}
    with time_machine.travel(datetime(2026, 3, 9, 10, tzinfo=ZoneInfo("Asia/Shanghai")), tick=False):
        as_manager, as_guide = (
            as_manager.sign_in(make.staff(roles=["store_manager"], store_id=guide.store_id)),
            (as_guide.sign_in(guide)),
        )
        plan = as_manager.post("/v1/task-plans", json=new(daily)).json
        shorter = {"rrule": "FREQ=DAILY", "slots": [{"opens": "00:00", "due": "20:00"}]}
        refused = change(as_manager, plan, schedule=shorter)
        assert (refused.status_code, list(refused.json["errors"])) == (422, ["schedule.slots"])
        longer = {"rrule": "FREQ=DAILY", "slots": [{"opens": "00:00", "due": "22:00"}]}
        edited = change(as_manager, plan, title="新的", schedule=longer)
        assert (edited.status_code, [one["number"] for one in edited.json["versions"]]) == (200, [2, 1])
        told = [
            (task["title"], task["due_at"][11:16])
            for n in range(4)
            for task in as_guide.get("/v1/tasks", query_string={"day": f"2026-03-{9 + n:02}"}).json["items"]
        ]
    assert told == [("陈列检查", "13:00"), ("新的", "14:00"), ("新的", "14:00")]
    stale = as_manager.patch(f"/v1/task-plans/{plan['id']}", json={"title": "x"}, headers={"If-Match": '"1"'})
    assert stale.status_code in (401, 412)


def test_ending_calls_off_what_is_not_done(as_manager: Client, as_guide: Client, guide: Staff) -> None:
    make.guide(store_id=guide.store_id)
    plan = as_manager.post("/v1/task-plans", json=new(CHECK)).json
    [mine] = as_guide.get("/v1/tasks").json["items"]
    as_guide.post(f"/v1/tasks/{mine['id']}/commands", json=new({"command": "submit", "note": "好了"}))
    ended = as_manager.post(f"/v1/task-plans/{plan['id']}/end")
    assert (ended.status_code, ended.json["state"]) == (200, "ended")
    assert [share["state"] for share in ended.json["guides"]] == ["done", "cancelled"]
    assert as_manager.post(f"/v1/task-plans/{plan['id']}/end").json == ended.json
    for refused in (as_manager.post(f"/v1/task-plans/{plan['id']}/publish"), change(as_manager, plan)):
        assert (refused.status_code, refused.json["code"]) == (409, "task_plan_state_forbids")
    stranger = as_manager.sign_in(make.staff(roles=["store_manager"]))
    assert stranger.post(f"/v1/task-plans/{plan['id']}/end").json["code"] == "task_plan_not_found"


def test_pausing_takes_back_what_has_not_opened(as_manager: Client, manager: Staff) -> None:
    plan = make.task_plan(by=manager, rrule="FREQ=DAILY")
    assert count() == 3
    assert as_manager.post(f"/v1/task-plans/{plan['id']}/pause").json["state"] == "paused"
    assert count() == 1
    assert as_manager.post(f"/v1/task-plans/{plan['id']}/publish").json["state"] == "published"
    assert count() == 3


def test_plans_come_newest_first_in_pages(as_manager: Client, manager: Staff, client: Client) -> None:
    start = clock.now()
    made = [str(make.task_plan(by=manager, now=start + timedelta(seconds=n))["id"]) for n in range(5)]
    regional = client.sign_in(make.staff(roles=["hq_admin"]))
    for caller in (as_manager, regional):
        first = caller.get("/v1/task-plans", query_string={"limit": 3}).json
        rest = caller.get("/v1/task-plans", query_string={"limit": 3, "cursor": first["next_cursor"]}).json
        assert [plan["id"] for plan in first["items"] + rest["items"]] == made[::-1]
        assert rest["next_cursor"] is None


def test_only_published_content_can_be_asked_for(as_manager: Client) -> None:
    draft = make.content(published=False)
    for content_id in (draft.id, new_id()):
        asked = {**CHECK, "kind": "forward", "content_id": str(content_id)}
        answer = as_manager.post("/v1/task-plans", json=new(asked))
        assert (answer.status_code, set(answer.json["errors"])) == (422, {"content_id"})
    make.publish(draft.id)
    answer = as_manager.post("/v1/task-plans", json=new({**CHECK, "kind": "forward", "content_id": str(draft.id)}))
    assert (answer.status_code, answer.json["content_id"]) == (201, str(draft.id))


def test_guides_set_no_tasks(as_guide: Client) -> None:
    assert as_guide.post("/v1/task-plans", json=new(CHECK)).json["code"] == "forbidden"
    assert as_guide.get("/v1/task-plans").json["code"] == "forbidden"


def test_versions_stay_whatever_becomes_of_a_plan(as_manager: Client, manager: Staff) -> None:
    plan = make.task_plan(by=manager)
    change(as_manager, {"id": plan["id"], "title": "二"})
    said = select(TaskPlanVersion.title).where(TaskPlanVersion.plan_id == plan["id"]).order_by(TaskPlanVersion.number)
    with unit_of_work():
        assert list(db.session.scalars(said)) == ["陈列检查", "二"]
