"""Bindings, follow-ups and credited sales complete tasks by themselves; what is stored is what a recount says."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import time_machine
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from guideapi.app import GuideApp
from kit import clock
from kit.db import db, unit_of_work
from kit.ids import new_id
from models import Assignment, AssignmentEvent, Binding, FollowUp, Source, Staff, Store
from tasks.queries.progress import progress
from tasks.service.counting import count_recent, recount
from tests import make
from tests.client import Client

NOON = datetime(2026, 3, 9, 12, tzinfo=ZoneInfo("Asia/Shanghai"))
TODAY = date(2026, 3, 9)
KINDS = ("recruit", "follow_up", "sales_target")


def found(guide: Staff) -> dict[str, tuple[int, str]]:
    """Of each of the guide's tasks, by title: how many facts it has, and its state."""
    tasks = progress(Assignment.guide_id == guide.id)
    rows = db.session.execute(select(tasks.c.title, tasks.c.done, tasks.c.state)).all()
    db.session.rollback()
    return {title: (done, state) for title, done, state in rows}


def count(now: datetime = NOON) -> None:
    with unit_of_work():
        count_recent(now=now)


def stored() -> dict[str, str]:
    """The states as they are stored, by the kind of the task."""
    tasks = progress()
    rows = db.session.execute(select(tasks.c.title, tasks.c.stored)).all()
    db.session.rollback()
    return dict(map(tuple, rows))


def win(guide: Staff, customer_id: UUID, at: datetime, how: str = "till") -> None:
    said = {"reason": "hand", "bound_at": at, "confirmed_at": at, "confirmed_how": how, "store_id": guide.store_id}
    make.save(Binding(customer_id=customer_id, guide_id=guide.id, ended_at=at, ended_reason="hand", **said))


def follow_up(guide: Staff, customer_id: UUID, at: datetime, **said: Any) -> UUID:
    fields = {"at": at, "created_at": NOON, "channel": "call", "outcome": "reached", "store_id": guide.store_id}
    return make.save(FollowUp(customer_id=customer_id, guide_id=guide.id, **{**fields, **said})).id


def sell(source: Source, guide: Staff, at: datetime, **said: Any) -> str:
    store = db.session.get_one(Store, guide.store_id)
    item = make.order_item(store=store, served_by=guide, ordered_at=at, **said)
    [outcome] = make.take_orders(source, [item], now=NOON)
    assert outcome["outcome"] == "created", outcome
    return str(item["external_id"])


def test_what_guides_win_follow_up_and_sell_completes_tasks(app: GuideApp, manager: Staff, guide: Staff) -> None:
    early = NOON - timedelta(hours=3)
    for kind in KINDS:
        make.task_plan(by=manager, kind=kind, title=kind, day=TODAY, now=early, target_count=2)
        make.task_plan(by=manager, kind=kind, title=f"{kind} 晚", day=TODAY, now=early, slots=(("12:30", "20:00"),))
    first, second = make.person(guide=guide), make.person(guide=guide)
    source = make.order_source()
    for at in (NOON - timedelta(days=1), early, NOON - timedelta(minutes=1)):
        win(guide, first, at)
        follow_up(guide, first, at)
    win(guide, second, NOON, how="manager")
    sold = sell(source, guide, NOON - timedelta(minutes=2))
    wrong = follow_up(guide, second, NOON)
    assert {title: done for title, (done, _) in found(guide).items() if title in KINDS} == {
        "recruit": 1,
        "follow_up": 2,
        "sales_target": 1,
    }
    # It was another customer: the correction stands for it, and they count once.
    follow_up(guide, first, NOON, corrects_id=wrong)
    win(guide, second, NOON + timedelta(hours=1))
    sell(source, guide, NOON + timedelta(hours=1))
    assert found(guide) == {
        "recruit": (2, "done"),
        "recruit 晚": (1, "done"),
        "follow_up": (1, "open"),
        "follow_up 晚": (0, "open"),
        "sales_target": (2, "done"),
        "sales_target 晚": (1, "done"),
    }
    count()
    refund = make.refund_item(store=db.session.get_one(Store, guide.store_id), order=sold, refunded_at=NOON)
    [outcome] = make.take_refunds(source, [refund], now=NOON)
    assert outcome["outcome"] == "created", outcome
    count()
    assert stored() == {title: state for title, (_, state) in found(guide).items()}
    assert stored()["sales_target"] == "in_progress"


def test_a_task_that_counts_itself_takes_nothing_and_is_not_reviewed(as_manager: Client, as_guide: Client) -> None:
    plan = {"kind": "recruit", "title": "拉新", "review": True}
    refused = as_manager.post("/v1/task-plans", json={"id": str(new_id()), **plan})
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["review"])
    made = as_manager.post("/v1/task-plans", json={"id": str(new_id()), **plan, "review": False})
    assert made.status_code == 201, made.text
    [task] = as_guide.get("/v1/tasks").json["items"]
    said = {"id": str(new_id()), "command": "submit"}
    refused = as_guide.post(f"/v1/tasks/{task['id']}/commands", json=said)
    assert (refused.status_code, refused.json["code"]) == (409, "task_counts_itself")


def test_a_list_that_the_phone_has_is_counted_anew_each_minute(as_guide: Client, manager: Staff, guide: Staff) -> None:
    start = clock.now().replace(second=0, microsecond=0) + timedelta(minutes=1)
    make.task_plan(by=manager, kind="follow_up")
    with time_machine.travel(start, tick=False):
        known = {"If-None-Match": as_guide.get("/v1/tasks").headers["ETag"]}
        make.follow_up(guide=guide, at=start)
        assert as_guide.get("/v1/tasks", headers=known).status_code == 304
    with time_machine.travel(start + timedelta(minutes=1), tick=False):
        again = as_guide.get("/v1/tasks", headers=known)
    assert (again.status_code, again.json["items"][0]["progress"]["done"]) == (200, 1)


STEPS = st.lists(
    st.tuples(st.sampled_from(("recruit", "follow_up", "sales_target", "undo")), st.integers(0, 1), st.integers(0, 1)),
    min_size=3,
    max_size=8,
)


def test_what_is_stored_is_what_a_recount_says_after_any_facts(app: GuideApp, manager: Staff, guide: Staff) -> None:
    other, source = make.guide(store_id=guide.store_id), make.order_source()
    for kind in KINDS:
        make.task_plan(by=manager, kind=kind, title=kind, day=TODAY, now=NOON, target_count=2)
    people, customers = (guide, other), [make.person(guide=guide) for _ in range(2)]
    undo: list[Callable[[], None]] = []

    def take(kind: str, who: int, whom: int) -> None:
        by, customer_id = people[who], customers[whom]
        if kind == "recruit":
            win(by, customer_id, NOON)
        elif kind == "follow_up":
            written = follow_up(by, customer_id, NOON)
            undo.append(lambda: correct(by, written))
        elif kind == "sales_target":
            sold = sell(source, by, NOON)
            undo.append(lambda: give_back(sold))
        elif undo:
            undo.pop(whom % len(undo))()

    def correct(by: Staff, written: UUID) -> None:
        follow_up(by, customers[0], NOON - timedelta(days=1), corrects_id=written)

    def give_back(sold: str) -> None:
        store = db.session.get_one(Store, guide.store_id)
        make.take_refunds(source, [make.refund_item(store=store, order=sold, refunded_at=NOON)], now=NOON)

    @settings(
        max_examples=6,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(STEPS)
    def check(steps: list[tuple[str, int, int]]) -> None:
        for step in steps:
            take(*step)
            count()
        with unit_of_work():
            before = db.session.scalar(select(func.count()).select_from(AssignmentEvent))
            recount(Assignment.day == TODAY, now=NOON)
            assert db.session.scalar(select(func.count()).select_from(AssignmentEvent)) == before

    check()
