"""Plans become tasks, never twice, and tasks follow who is there."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from rq import Queue
from sqlalchemy import func, select, text

from guideapi.app import GuideApp
from kit.db import db, unit_of_work
from kit.jobs import connection
from models import Assignment, AssignmentEvent, Placement, RosterDay, Staff, Store, TaskOccurrence, TaskPlanVersion
from tasks import jobs
from tasks.service import materialise, plans
from tasks.service.closing import close_due
from tests import make
from tests.races import together

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = date(2026, 3, 9)
NOON = datetime(2026, 3, 9, 12, tzinfo=SHANGHAI)


def run(plan: dict[str, Any], now: datetime, shard: int | None = None) -> None:
    with unit_of_work():
        materialise.materialise_plan(plan["id"], shard=shard, now=now)


def tasks(day: date = DAY) -> dict[Any, str]:
    rows = db.session.execute(select(Assignment.guide_id, Assignment.state).where(Assignment.day == day)).all()
    db.session.rollback()
    return {row.guide_id: row.state for row in rows}


def place(guide: Staff, store: Store, *, first: date = DAY, last: date | None = DAY, kind: str = "cover") -> None:
    make.save(Placement(staff_id=guide.id, store_id=store.id, kind=kind, role="guide", first_day=first, last_day=last))


@pytest.fixture
def store(app: GuideApp) -> Store:
    return make.store()


@pytest.fixture
def boss(store: Store) -> Staff:
    return make.staff(roles=["store_manager"], store_id=store.id)


def test_tasks_follow_placements(store: Store, boss: Staff) -> None:
    stays, lent = make.guide(store_id=store.id), make.guide(store_id=store.id)
    busy = make.guide(store_id=store.id)
    plan = make.task_plan(by=boss, day=DAY, now=NOON)
    make.task_command(next(s["id"] for s in plan["guides"] if s["guide_id"] == busy.id), "start", by=busy, now=NOON)
    elsewhere, helper = make.store(), make.guide()
    # At 14:00 a helper comes, and two are lent to another store; one of them has begun.
    place(helper, store)
    for guide in (lent, busy):
        place(guide, elsewhere)
    run(plan, NOON + timedelta(hours=2))
    assert tasks() == {stays.id: "open", lent.id: "cancelled", busy.id: "in_progress", helper.id: "open"}
    with unit_of_work():
        db.session.execute(text("DELETE FROM placement WHERE kind = 'cover'"))
    run(plan, NOON + timedelta(hours=3))
    assert tasks() == {stays.id: "open", lent.id: "open", busy.id: "in_progress", helper.id: "cancelled"}
    steps = db.session.scalars(select(AssignmentEvent.command).where(AssignmentEvent.guide_id == lent.id))
    assert list(steps) == ["take_away", "rejoin"]
    db.session.rollback()


def test_the_window_moves_on_and_every_day_is_made_once(store: Store, boss: Staff) -> None:
    guide = make.guide(store_id=store.id)
    plan = make.task_plan(by=boss, day=DAY, now=NOON, rrule="FREQ=DAILY;COUNT=4")
    for hours in (0, 1, 24, 25, 48, 240):
        run(plan, NOON + timedelta(hours=hours))
    days = db.session.execute(select(Assignment.day, func.count()).group_by(Assignment.day).order_by(Assignment.day))
    assert [tuple(row) for row in days] == [(DAY + timedelta(days=n), 1) for n in range(4)]
    assert set(db.session.scalars(select(Assignment.guide_id))) == {guide.id}
    db.session.rollback()
    with unit_of_work():
        assert plan["id"] in materialise.list_published(now=NOON + timedelta(days=3))
        assert plan["id"] not in materialise.list_published(now=NOON + timedelta(days=6))


def test_runs_at_once_make_nothing_twice(app: GuideApp) -> None:
    region = make.region()
    for _ in range(4):
        shop = make.store(region_id=region.id)
        for _ in range(2):
            make.guide(store_id=shop.id)
    hq = make.staff(roles=["hq_admin"])
    audience = make.NOBODY._replace(region_ids=(region.id,))
    plan = make.task_plan(by=hq, day=DAY, now=NOON, audience=audience, rrule="FREQ=DAILY")
    late = NOON + timedelta(days=1)

    def work(shard: int | None) -> None:
        with app.app_context():
            run(plan, late, shard)

    together(*(lambda shard=shard: work(shard) for shard in (None, None, *range(materialise.SHARDS))))
    assert db.session.scalar(select(func.count()).select_from(TaskOccurrence)) == 16
    assert db.session.scalar(select(func.count()).select_from(Assignment)) == 32
    db.session.rollback()


def test_a_store_that_opens_later_gets_its_tasks(app: GuideApp) -> None:
    region = make.region()
    make.guide(store_id=make.store(region_id=region.id).id)
    audience = make.NOBODY._replace(region_ids=(region.id,))
    hq = make.staff(roles=["hq_admin"])
    plan = make.task_plan(by=hq, day=DAY, now=NOON, audience=audience)
    newcomer = make.guide(store_id=make.store(region_id=region.id, opened_on=DAY).id)
    make.guide(store_id=make.store(region_id=region.id, opened_on=DAY + timedelta(days=1)).id)
    run(plan, NOON)
    assert len(tasks()) == 2
    assert newcomer.id in tasks()


def test_a_large_plan_is_given_out_by_jobs_and_the_sweep_finds_what_is_owed(
    app: GuideApp, boss: Staff, store: Store, run_jobs: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    make.guide(store_id=store.id)
    monkeypatch.setattr(plans, "AT_ONCE", 0)
    plan = make.task_plan(by=boss)
    assert plan["guides"] == []
    queue = Queue("default", connection=connection())
    assert len(queue) == materialise.SHARDS
    # Even if these are lost, the sweep finds that they are owed.
    queue.empty()
    with unit_of_work():
        jobs.materialise_plans()
    run_jobs()
    assert db.session.scalar(select(func.count()).select_from(Assignment)) == 1
    db.session.rollback()


def test_a_roster_that_comes_late_says_who_is_in(store: Store, boss: Staff) -> None:
    at_work, off, ill = (make.guide(store_id=store.id) for _ in range(3))
    plan = make.task_plan(by=boss, day=DAY, now=NOON)
    for guide, kind, minutes in ((at_work, "work", 480), (off, "off", 0)):
        make.save(
            RosterDay(staff_id=guide.id, store_id=store.id, day=DAY, kind=kind, minutes=minutes, source_version=0)
        )
    run(plan, NOON + timedelta(hours=1))
    assert tasks() == {at_work.id: "open", off.id: "cancelled", ill.id: "cancelled"}
    assert set(db.session.scalars(select(Assignment.reason))) == {None, "off_roster"}
    db.session.rollback()


def test_where_no_guide_is_in_the_managers_get_what_is_theirs(store: Store, boss: Staff) -> None:
    guide = make.guide(store_id=store.id)
    place(guide, make.store())
    make.task_plan(by=boss, day=DAY, now=NOON, rrule="FREQ=DAILY;COUNT=2")
    assert tasks() == {boss.id: "open"}
    assert tasks(DAY + timedelta(days=1)) == {guide.id: "open"}


def test_months_ahead_have_partitions(app: GuideApp) -> None:
    with unit_of_work():
        materialise.add_months(now=datetime(2031, 12, 31, tzinfo=SHANGHAI))
    names = db.session.scalars(
        text(
            "SELECT relname FROM pg_class WHERE relname ~ '^(assignment|task_occurrence|assignment_event)_2032_0[123]$'"
        )
    )
    assert len(list(names)) == 9
    db.session.rollback()


def test_what_is_past_its_deadline_is_closed_as_the_plan_says(store: Store, boss: Staff) -> None:
    guide = make.guide(store_id=store.id)
    daily: dict[str, Any] = {"by": boss, "day": DAY, "now": NOON, "rrule": "FREQ=DAILY", "slots": (("00:00", "20:00"),)}
    for late in ("stay_overdue", "close_at_due", "until_next"):
        make.task_plan(**daily, late=late, title=late)
    make.task_plan(**daily, late="close_at_due", title="begun")

    def states() -> dict[str, str]:
        same = TaskPlanVersion.id == Assignment.version_id
        wanted = select(TaskPlanVersion.title, Assignment.state).join(TaskPlanVersion, same)
        found = {row.title: row.state for row in db.session.execute(wanted.where(Assignment.day == DAY))}
        db.session.rollback()
        return found

    same = TaskPlanVersion.id == Assignment.version_id
    begun = select(Assignment.id).join(TaskPlanVersion, same).where(TaskPlanVersion.title == "begun")
    task_id = db.session.scalars(begun.where(Assignment.day == DAY)).one()
    db.session.rollback()
    make.task_command(task_id, "start", by=guide, now=NOON)
    expected = {"stay_overdue": "open", "close_at_due": "open", "until_next": "open", "begun": "in_progress"}
    for hours, changes in (
        (0, {}),
        (9, {"close_at_due": "skipped", "begun": "expired"}),
        (13, {"until_next": "skipped"}),
    ):
        expected |= changes
        with unit_of_work():
            close_due(now=NOON + timedelta(hours=hours))
        assert states() == expected
