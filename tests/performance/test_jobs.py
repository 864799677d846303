"""Closed days are computed by jobs in a worker process, and every change of the facts finds its way to them."""

import random
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import delete, insert, select, text, update

from benchmarks.size.watched import watching
from guideapi.app import GuideApp
from kit import clock
from kit.db import LONGEST_TRANSACTION, db, unit_of_work
from kit.errors import Conflict
from kit.ids import new_id, new_token
from models import ChangesSeen, ClosedDay, FollowUp, Forward, ForwardKey, GuideDay, Order, OwedDay
from performance import jobs, queries, service
from performance.queries import FIGURES
from performance.queries.figures import KEYS
from tests import make
from tests.races import race

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
RunJobs = Callable[[], None]
COLUMNS = [getattr(GuideDay, name) for name in (*KEYS, *FIGURES)]


def all_figures() -> set[tuple[object, ...]]:
    return {tuple(row) for row in db.session.execute(select(*COLUMNS))}


def sweep() -> list[str]:
    """What the recurring job finds now."""
    with unit_of_work():
        service.note_changes(now=clock.now())
    return [stale.day.isoformat() for stale in queries.list_stale_days(now=clock.now())]


def compute(days: list[str]) -> None:
    for day in days:
        with unit_of_work():
            jobs.close_owed(day)


def noted() -> set[tuple[date, object]]:
    """Whose figures are owed now, or will be once more."""
    return {tuple(row) for row in db.session.execute(select(OwedDay.day, OwedDay.store_id))}


def rebuilt_from_nothing() -> set[tuple[object, ...]]:
    with unit_of_work():
        db.session.execute(delete(GuideDay))
        first, last = db.session.execute(text("SELECT min(day), max(day) FROM closed_day")).one()
        service.rebuild_days(first - timedelta(days=3), last + timedelta(days=3))
    return all_figures()


def test_a_worker_computes_what_is_late_of_today_and_of_a_load(app: GuideApp, run_jobs: RunJobs) -> None:
    """One worker: the sweep's days, the nightly ones, and those of a load of history."""
    store = make.store()
    guide = make.guide(store_id=store.id)
    order = make.order(store=store, served_by=guide)
    compute(sweep())
    make.order(store=store, served_by=guide, ordered_at=datetime(2025, 5, 5, 4, tzinfo=UTC))
    assert sweep() == ["2025-05-05"]
    with unit_of_work():
        jobs.close_stale_days()
        jobs.close_days()
        jobs.close_range("2026-02-27", "2026-03-02")
    run_jobs()
    rows = {row.day: row for row in db.session.scalars(select(GuideDay))}
    assert set(rows) == {order.business_day, date(2025, 5, 5)}
    row = rows[order.business_day]
    assert (row.guide_id, row.orders, row.net_fen) == (guide.id, 1, order.net_fen)
    today, computed = clock.now().date(), set(db.session.scalars(select(ClosedDay.day)))
    loaded = {date(2026, 2, 27) + timedelta(days=n) for n in range(4)}
    assert computed >= {today - timedelta(days=n) for n in range(3)} | loaded
    assert sweep() == []


def test_the_day_an_order_leaves_is_computed_again(app: GuideApp) -> None:
    store, source = make.store(), make.order_source()
    item = make.order_item(store=store, served_by=make.guide(store_id=store.id), ordered_at=_noon(2))
    make.take_orders(source, [item])
    compute(sweep())
    make.take_orders(source, [{**item, "version": 2, "ordered_at": _noon(5).isoformat()}])
    assert sweep() == ["2026-03-05", "2026-03-02"]
    compute(sweep())
    assert {row[0] for row in all_figures()} == {date(2026, 3, 5)}


def test_a_day_whose_job_was_lost_is_found_again(app: GuideApp) -> None:
    make.order(store=make.store(), ordered_at=_noon(2))
    assert sweep() == ["2026-03-02"]
    with time_machine.travel(clock.now() + timedelta(days=3)):
        make.order(store=make.store(), ordered_at=_noon(4))
        assert sweep() == ["2026-03-04", "2026-03-02"]


def test_a_fact_that_commits_late_is_found(app: GuideApp) -> None:
    guide = make.guide()
    content = make.content()
    first = make.forward(of=content, guide=guide, at=clock.now())
    compute(sweep())
    began = clock.now()
    key = {"id": new_id(), "token": new_token(), "created_at": began}
    row = {column.name: getattr(first, column.name) for column in Forward.__table__.columns}
    row |= {"id": key["id"], "created_at": began}
    with db.engine.connect() as slow:
        slow.execute(insert(ForwardKey).values(**key))
        slow.execute(insert(Forward).values(**row))
        with time_machine.travel(began + timedelta(seconds=20)):
            make.forward(of=content, guide=guide, at=clock.now())
            compute(sweep())
        assert db.session.scalar(select(GuideDay.forwards)) == 2
        slow.commit()
    with time_machine.travel(began + timedelta(seconds=90)):
        compute(sweep())
    assert db.session.scalar(select(GuideDay.forwards)) == 3


def test_a_day_is_computed_a_last_time_when_any_transaction_has_ended(app: GuideApp) -> None:
    make.order(store=make.store(), ordered_at=_noon(2))
    compute(sweep())
    ends = clock.now() + LONGEST_TRANSACTION
    with time_machine.travel(ends + timedelta(seconds=1)):
        assert sweep() == ["2026-03-02"]
        compute(sweep())
    with time_machine.travel(ends + timedelta(hours=1)):
        assert sweep() == []


def test_a_job_that_dies_half_way_leaves_everything_as_it_was(app: GuideApp) -> None:
    make.order(store=make.store(), ordered_at=_noon(2))
    owed = sweep()

    def die() -> None:
        with unit_of_work():
            jobs.close_owed(owed[0])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        die()
    assert all_figures() == set()
    assert sweep() == owed == ["2026-03-02"]


def test_two_jobs_for_one_day_take_turns(app: GuideApp) -> None:
    make.order(store=make.store(), served_by=make.guide(), ordered_at=_noon(2))
    sweep()
    race(app, lambda: jobs.close_day("2026-03-02"), lambda: jobs.close_owed("2026-03-02"))
    assert len(all_figures()) == 1


def test_computing_again_neither_writes_nor_locks(app: GuideApp) -> None:
    make.order(store=make.store(), ordered_at=_noon(2))
    with unit_of_work():
        jobs.close_day("2026-03-02")
    row = text("SELECT xmin::text, xmax::text FROM guide_day")
    written = db.session.execute(row).one()
    with unit_of_work():
        jobs.close_day("2026-03-02")
    assert db.session.execute(row).one() == written


def test_only_the_stores_whose_facts_changed_are_computed(app: GuideApp) -> None:
    changed, quiet = make.store(), make.store()
    make.order(store=quiet, ordered_at=_noon(2))
    compute(sweep())
    make.order(store=changed, ordered_at=_noon(2))
    # Spoilt, to see whether it is computed.
    with unit_of_work():
        db.session.execute(update(GuideDay).values(orders=7))
        db.session.execute(update(OwedDay).values(changed_at=LONG_AGO))
    assert sweep() == ["2026-03-02"]
    compute(["2026-03-02"])
    rows = db.session.execute(select(GuideDay.store_id, GuideDay.orders)).all()
    assert {(store_id, orders) for store_id, orders in rows} == {(quiet.id, 7), (changed.id, 1)}


def test_of_many_stores_the_whole_day_is_computed(app: GuideApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MANY_STORES", 2)
    for _ in range(2):
        make.order(store=make.store(), ordered_at=_noon(2))
    compute(sweep())
    assert all_figures() == rebuilt_from_nothing()


def test_the_store_an_order_leaves_is_computed_again(app: GuideApp) -> None:
    before, after, source = make.store(), make.store(), make.order_source()
    item = make.order_item(store=before, ordered_at=_noon(2))
    make.take_orders(source, [item])
    compute(sweep())
    make.take_orders(source, [{**item, "version": 2, "store": after.code}])
    compute(sweep())
    assert {row[KEYS.index("store_id")] for row in all_figures()} == {after.id}


def test_a_day_that_goes_on_is_computed_as_often_as_somebody_looks(app: GuideApp) -> None:
    store, now = make.store(), datetime(2026, 3, 2, 4, tzinfo=UTC)

    def due(minutes: int) -> bool:
        with time_machine.travel(now + timedelta(minutes=minutes)):
            make.order(store=store)
            sweep()
            found = service.list_due_days(now=clock.now())
            compute([day.isoformat() for day in found])
            return found == [date(2026, 3, 2)]

    assert due(0)
    assert not due(5)
    with time_machine.travel(now + timedelta(minutes=6)):
        service.note_look()
    assert due(7)
    assert due(8)
    app.extensions["redis"].flushall()
    assert not due(20)
    assert due(30)


def test_with_nothing_to_do_nothing_is_written_and_little_read(app: GuideApp) -> None:
    make.order(store=make.store(), ordered_at=_noon(2))
    compute(sweep())
    with time_machine.travel(clock.now() + LONGEST_TRANSACTION + timedelta(seconds=1)):
        compute(sweep())
    seen = db.session.scalar(select(ChangesSeen.until))
    with time_machine.travel(clock.now() + timedelta(hours=1)):
        with watching([db.engine]) as watched, unit_of_work():
            jobs.close_stale_days()
        assert db.session.scalar(select(ChangesSeen.until)) == seen
    assert noted() == set()
    assert watched.rows < 10


def _noon(day: int) -> datetime:
    return datetime(2026, 3, day, 4, tzinfo=UTC)


@pytest.mark.parametrize("seed", range(2))
def test_increments_equal_a_rebuild_from_nothing(app: GuideApp, seed: int) -> None:
    """Random facts in three time zones, corrected, moved and called off, with sweeps in between."""
    chance = random.Random(seed)
    world = World(chance)
    start = datetime(2026, 3, 2, 20, tzinfo=UTC)
    now = start
    for _ in range(40):
        now += timedelta(minutes=chance.randrange(1, 90))
        with time_machine.travel(now, tick=False):
            chance.choice(world.happenings)(now)
            if chance.random() < 0.3:
                compute(sweep())
    with time_machine.travel(now + timedelta(seconds=1), tick=False):
        compute(sweep())
        live = {guide.id: live_figures(guide.id) for guide in world.guides}
    increments = all_figures()
    assert len(increments) > 3
    assert increments == rebuilt_from_nothing()
    for guide_id, rows in live.items():
        assert rows == {row for row in increments if row[KEYS.index("guide_id")] == guide_id}


def live_figures(guide_id: object) -> set[tuple[object, ...]]:
    """The same definition, asked for one guide."""
    statement = queries.figures(date(2026, 2, 25), date(2026, 3, 20), guide_id=guide_id)
    return {tuple(row) for row in db.session.execute(statement)}


class World:
    """A few stores, people and contents, and what may happen to them."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        zones = ("Asia/Shanghai", "America/Los_Angeles", "Pacific/Auckland")
        self.stores = [make.store(time_zone=zone) for zone in zones]
        self.guides = [make.guide(store_id=store.id) for store in self.stores for _ in range(2)]
        self.managers = [make.staff(roles=["store_manager"], store_id=store.id) for store in self.stores]
        self.contents = [make.content(valid_from=LONG_AGO) for _ in range(2)]
        self.source = make.order_source()
        self.items: list[dict[str, Any]] = []
        self.forwards: list[Forward] = []
        self.plans: list[dict[str, Any]] = []
        self.happenings = (
            *(self.sell, self.sell, self.correct, self.forward, self.forward, self.open_page),
            *(self.set_task, self.hand_in, self.call_off, self.post, self.follow_up, self.refund),
        )

    def sell(self, now: datetime) -> None:
        lines = [
            make.line(n, quantity=self.chance.randrange(1, 4), paid=self.chance.randrange(1, 9000))
            for n in range(1, self.chance.randrange(2, 5))
        ]
        item = make.order_item(
            store=self.chance.choice(self.stores),
            served_by=self.chance.choice([*self.guides, None]),
            ordered_at=now - timedelta(hours=self.chance.randrange(0, 60)),
            member_no=self.chance.choice(["M1", "M2", None]),
            lines=lines,
        )
        self.items.append(item)
        self.take(item, now)

    def take(self, item: dict[str, Any], now: datetime) -> None:
        [outcome] = make.take_orders(self.source, [item], now=now)
        assert outcome["outcome"] in ("created", "updated"), outcome

    def correct(self, now: datetime) -> None:
        if self.items:
            item = self.chance.choice(self.items)
            item["version"] = item["version"] + 1
            item["lines"] = [make.line(self.chance.randrange(1, 4))]
            item["store"] = self.chance.choice(self.stores).code
            item["ordered_at"] = (now - timedelta(hours=self.chance.randrange(0, 60))).isoformat()
            self.take(item, now)

    def forward(self, now: datetime) -> None:
        guide, content = self.chance.choice(self.guides), self.chance.choice(self.contents)
        self.forwards.append(make.sent_forward(of=content, guide=guide, at=now))

    def open_page(self, now: datetime) -> None:
        if self.forwards:
            viewer, counted = self.chance.choice("abc"), self.chance.random() < 0.8
            make.touch(self.chance.choice(self.forwards), viewer=viewer, counted=counted, created_at=now)

    def set_task(self, now: datetime) -> None:
        content_id = self.chance.choice([*(content.id for content in self.contents), None])
        kind = "forward" if content_id else "custom"
        manager = self.chance.choice(self.managers)
        self.plans.append(make.task_plan(by=manager, kind=kind, content_id=content_id, now=now))

    def hand_in(self, now: datetime) -> None:
        if self.plans:
            share = self.chance.choice(self.chance.choice(self.plans)["guides"])
            [guide] = [someone for someone in self.guides if someone.id == share["guide_id"]]
            with suppress(Conflict):  # it counts forwards, is done, or was called off
                make.task_command(share["id"], "submit", by=guide, now=now)

    def call_off(self, now: datetime) -> None:
        if self.plans:
            plan = self.chance.choice(self.plans)
            [manager] = [someone for someone in self.managers if someone.store_id == plan["owner_store_id"]]
            make.ended_plan(plan, by=manager, now=now)

    def follow_up(self, now: datetime) -> None:
        """A customer becomes somebody's own, and is followed up, perhaps days later in the records."""
        guide = self.chance.choice(self.guides)
        customer = make.bound_customer(guide, at=now)
        assert guide.store_id
        whose = {"customer_id": customer.id, "guide_id": guide.id, "store_id": guide.store_id}
        then = now - timedelta(hours=self.chance.randrange(0, 60))
        make.save(FollowUp(id=new_id(), **whose, at=then, channel="call", outcome="reached", created_at=now))

    def refund(self, now: datetime) -> None:
        if self.items:
            item = self.chance.choice(self.items)
            store = self.chance.choice(self.stores)
            refund = make.refund_item(store=store, order=item["external_id"], refunded_at=now)
            make.take_refunds(self.source, [refund], now=now)

    def post(self, now: datetime) -> None:
        if self.items:
            item = self.chance.choice(self.items)
            order = db.session.scalars(select(Order).where(Order.external_id == item["external_id"])).one()
            guide, amount_fen = self.chance.choice(self.guides), self.chance.choice([50, -20])
            make.posting(order, line_no=item["lines"][0]["line_no"], guide=guide, amount_fen=amount_fen, at=now)
