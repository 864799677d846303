"""What the database refuses whoever asks, and what two workers at once cannot break."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from commissions import service
from guideapi.app import GuideApp
from kit import clock
from kit.db import db, unit_of_work
from models import LedgerAccount, LedgerEntry, Order, PlanVersion, Staff, Store
from tests import make
from tests.commissions.ledger import balances, entries
from tests.races import race


@pytest.fixture
def posted(guide: Staff) -> LedgerEntry:
    """The one entry there is."""
    make.plan_version({"rate_bp": 1_000})
    make.order(store=db.session.get_one(Store, guide.store_id), served_by=guide)
    make.post_all()
    [entry] = entries()
    return entry


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_entry SET amount_fen = 1",
        "DELETE FROM ledger_entry",
        "TRUNCATE ledger_entry CASCADE",
        "UPDATE ledger_transaction SET order_revision = 9",
        "DELETE FROM ledger_transaction",
        "TRUNCATE ledger_transaction CASCADE",
    ],
)
def test_posted_is_never_edited(posted: LedgerEntry, statement: str) -> None:
    with pytest.raises(IntegrityError, match="append-only"), unit_of_work():
        db.session.execute(text(statement))
    assert len(entries()) == 1


def copy_of(entry: LedgerEntry, **changes: Any) -> LedgerEntry:
    columns = {column.name: getattr(entry, column.name) for column in LedgerEntry.__table__.columns}
    return LedgerEntry(**{**columns, "id": None, "sequence": entry.sequence + 1, **changes})


def test_a_well_made_entry_is_taken(posted: LedgerEntry) -> None:
    make.save(copy_of(posted))
    assert len(entries()) == 2


def test_crooked_entries_are_refused(posted: LedgerEntry) -> None:
    other_guide = make.guide()
    other = make.save(LedgerAccount(kind="guide_payable", staff_id=other_guide.id, currency="CNY"))
    dollars = make.save(LedgerAccount(kind="guide_payable", staff_id=posted.guide_id, currency="USD"))
    crooked: list[dict[str, Any]] = [
        {"amount_fen": 0, "signed_fen": 0},
        {"amount_fen": -5},
        {"signed_fen": 1},
        {"signed_fen": -posted.amount_fen},
        {"guide_id": None},
        {"plan_version_id": None},
        {"credit_account_id": posted.debit_account_id},
        {"credit_account_id": other.id},
        {"debit_account_id": other.id},
        {"credit_account_id": dollars.id},
        {"guide_id": other_guide.id},
        {"currency": "USD"},
        {"sequence": posted.sequence},
    ]
    for changes in crooked:
        with pytest.raises(IntegrityError):
            make.save(copy_of(posted, **changes))
    assert len(entries()) == 1


def test_an_approved_version_never_changes(posted: LedgerEntry) -> None:
    for statement in ("UPDATE plan_version SET rules = '[]'", "DELETE FROM plan_version"):
        with pytest.raises(IntegrityError, match="never changes"), unit_of_work():
            db.session.execute(text(statement))


def test_two_workers_post_the_same_order_once(app: GuideApp, guide: Staff) -> None:
    make.plan_version({"rate_bp": 1_000})
    order = make.order(store=db.session.get_one(Store, guide.store_id), served_by=guide)
    db.session.rollback()
    first, second = race(app, lambda: service.post_orders([order.id]), lambda: service.post_orders([order.id]))
    assert (first, second) == (1, 0)
    assert balances() == {guide.id: 1_000, None: -1_000}


def test_two_workers_share_the_work(app: GuideApp, guide: Staff) -> None:
    make.plan_version({"rate_bp": 1_000})
    store = db.session.get_one(Store, guide.store_id)
    for _ in range(3):
        make.order(store=store, served_by=guide)
    since = clock.now() - timedelta(hours=1)
    db.session.rollback()
    posted = race(
        app,
        lambda: service.post_recent_orders(since=since, limit=2),
        lambda: service.post_recent_orders(since=since, limit=2),
    )
    assert posted == (2, 1)
    assert balances() == {guide.id: 3_000, None: -3_000}


def test_approval_waits_for_who_posts_by_the_old_versions(app: GuideApp, guide: Staff) -> None:
    first = make.plan_version({"rate_bp": 100})
    since = make.commissions.LONG_AGO + timedelta(days=1)
    draft = make.plan_version({"rate_bp": 300}, after=first, effective_from=since, approved=False)
    checker = make.staff(roles=["hq_commission"])
    order = make.order(store=db.session.get_one(Store, guide.store_id), served_by=guide)
    db.session.rollback()
    race(
        app,
        lambda: service.post_orders([order.id]),
        lambda: service.approve_version(version_id=draft.id, approved_by=checker.id, now=clock.now()),
    )
    assert balances()[guide.id] == 100
    since_changed = clock.now() - timedelta(hours=1)
    with unit_of_work():
        assert service.post_recent_orders(since=since_changed, limit=9) == 1
    assert balances()[guide.id] == 300
    assert db.session.scalars(select(PlanVersion).where(PlanVersion.approved_at.is_(None))).all() == []
    assert db.session.scalars(select(Order.id)).all() == [order.id]
