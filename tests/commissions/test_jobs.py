"""Jobs find what is owed by themselves, in real workers."""

from datetime import timedelta

import time_machine
from rq import Queue, SimpleWorker
from sqlalchemy import select, text

from benchmarks.size.watched import watching
from commissions import jobs as commission_jobs
from commissions import queries
from guideapi.app import GuideApp
from kit import clock, jobs
from kit.db import LONGEST_TRANSACTION, db, unit_of_work
from models import PostingSettled, Staff, Store
from tests import make
from tests.commissions.ledger import balances


def work(*names: str) -> None:
    """Run these jobs, and what they enqueue, in a worker of this process until the queues are empty."""
    connection = jobs.connection()
    for name in names:
        Queue("default", connection=connection).enqueue(jobs.perform, name, {})
    SimpleWorker(list(jobs.QUEUES), connection=connection).work(burst=True, logging_level="ERROR")


def test_changed_orders_are_posted(app: GuideApp, guide: Staff) -> None:
    make.plan_version({"rate_bp": 1_000})
    make.order(store=db.session.get_one(Store, guide.store_id), served_by=guide)
    work("commissions.jobs:post_changed_orders")
    assert balances()[guide.id] == 1_000


def test_more_than_a_chunk_goes_on(app: GuideApp, guide: Staff, monkeypatch: object) -> None:
    make.plan_version({"rate_bp": 1_000})
    store = db.session.get_one(Store, guide.store_id)
    commission_jobs.CHUNK_ORDERS, before = 2, commission_jobs.CHUNK_ORDERS
    try:
        for _ in range(5):
            make.order(store=store, served_by=guide)
        work("commissions.jobs:post_changed_orders")
    finally:
        commission_jobs.CHUNK_ORDERS = before
    assert balances()[guide.id] == 5_000


def test_sweep_finds_what_was_missed_however_old(app: GuideApp, guide: Staff) -> None:
    make.plan_version({"rate_bp": 1_000})
    jobs.connection().flushdb()  # the sweep that the approval asked for
    store = db.session.get_one(Store, guide.store_id)
    with time_machine.travel(clock.now() - timedelta(days=40), tick=False):
        make.order(store=store, served_by=guide)
    make.order(store=store, served_by=guide)
    work("commissions.jobs:post_changed_orders")
    assert balances()[guide.id] == 1_000
    work("commissions.jobs:sweep_orders")
    assert balances()[guide.id] == 2_000


def test_the_sweep_looks_only_at_what_changed_since_all_was_settled(app: GuideApp, guide: Staff) -> None:
    make.plan_version({"rate_bp": 1_000})
    store = db.session.get_one(Store, guide.store_id)
    for _ in range(20):
        make.order(store=store, served_by=guide)
    work("commissions.jobs:post_changed_orders", "commissions.jobs:sweep_orders")
    with time_machine.travel(clock.now() + LONGEST_TRANSACTION * 2, tick=False):
        work("commissions.jobs:sweep_orders")
    settled = db.session.scalars(select(PostingSettled.until)).one()
    with unit_of_work():
        # Otherwise the plan is one for what an earlier test left in the statistics.
        db.session.execute(text("ANALYZE sales_order, order_posting, order_line"))
    with time_machine.travel(clock.now() + timedelta(days=1), tick=False):
        with watching([db.engine], as_if_large=True) as watched, unit_of_work():
            commission_jobs.sweep_orders()
        assert db.session.scalars(select(PostingSettled.until)).one() == settled
    assert watched.rows < 10


def test_an_order_that_cannot_be_posted_is_owed_until_it_can_be(app: GuideApp, guide: Staff) -> None:
    make.plan_version({"rate_bp": 1_000})
    store = db.session.get_one(Store, guide.store_id)
    order = make.order(store=store, served_by=guide)
    with unit_of_work():
        db.session.execute(text("ALTER TABLE ledger_entry ADD CONSTRAINT poison CHECK (false) NOT VALID"))
    try:
        work("commissions.jobs:post_changed_orders")
        with time_machine.travel(clock.now() + timedelta(days=3), tick=False):
            work("commissions.jobs:sweep_orders")
    finally:
        with unit_of_work():
            db.session.execute(text("ALTER TABLE ledger_entry DROP CONSTRAINT poison"))
    assert balances() == {}
    assert queries.list_days_owed() == [order.business_day]
    with time_machine.travel(clock.now() + timedelta(days=30), tick=False):
        work("commissions.jobs:sweep_orders")
    assert balances()[guide.id] == 1_000


def test_approving_a_version_posts_by_itself(app: GuideApp, guide: Staff) -> None:
    make.order(store=db.session.get_one(Store, guide.store_id), served_by=guide)
    work("commissions.jobs:post_changed_orders")
    assert balances() == {}
    make.plan_version({"rate_bp": 1_000})
    work()
    assert balances()[guide.id] == 1_000
