"""Each entry has a business day of its own; what comes for a day that is closed is posted on the first open one."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from kit.db import db, unit_of_work
from models import LedgerEntry, PayGroupStore, PayPeriod, Source, Staff, Store
from tests import make
from tests.client import Client
from tests.commissions.ledger import balances, entries

OCTOBER = date(2026, 10, 1), date(2026, 10, 31)
FIRST_OPEN = date(2026, 11, 1)
SOLD = datetime(2026, 10, 15, 4, tzinfo=UTC)


@pytest.fixture
def store(guide: Staff) -> Store:
    make.plan_version({"rate_bp": 1_000})
    return db.session.get_one(Store, guide.store_id)


@pytest.fixture
def till(app: object) -> Source:
    return make.order_source()


def close(first: date, last: date, *, group: str = "chain") -> PayPeriod:
    """A period that is approved, past its states."""
    return make.pay_period(first, last, group_code=group, state="approved")


def days() -> list[tuple[date, int]]:
    return sorted((entry.business_day, entry.signed_fen) for entry in entries())


def test_a_closed_month_stays_and_the_first_open_day_carries_what_comes_later(
    as_guide: Client, store: Store, guide: Staff, till: Source
) -> None:
    item = make.order_item(store=store, served_by=guide, ordered_at=SOLD)
    make.take_orders(till, [item])
    make.post_all()
    close(*OCTOBER)
    october = as_guide.get("/v1/commissions/summary?from=2026-10-01&to=2026-10-31").json["totals"]
    make.take_orders(till, [{**item, "version": 2, "lines": [make.line(1, paid=0, quantity=0)]}])
    late = make.order_item(store=store, served_by=guide, ordered_at=SOLD, lines=[make.line(1, paid=3_000)])
    make.take_orders(till, [late])
    make.post_all()
    assert days() == [(SOLD.date(), 1_000), (FIRST_OPEN, -1_000), (FIRST_OPEN, 300)]
    assert as_guide.get("/v1/commissions/summary?from=2026-10-01&to=2026-10-31").json["totals"] == october
    november = as_guide.get("/v1/commissions/entries?from=2026-11-01&to=2026-11-30").json["items"]
    assert sorted((one["day"], one["amount"]["amount"]) for one in november) == [
        ("2026-11-01", -1_000),
        ("2026-11-01", 300),
    ]
    close(FIRST_OPEN, date(2026, 11, 30))
    make.take_orders(till, [{**item, "version": 3}])
    assert (make.post_all(), make.post_all()) == (1, 0)
    assert days()[-1] == (date(2026, 12, 1), 1_000)


def test_what_is_moved_is_taken_back_where_it_was_posted(store: Store, guide: Staff, till: Source) -> None:
    item = make.order_item(store=store, served_by=guide, ordered_at=SOLD)
    make.take_orders(till, [item])
    make.post_all()
    elsewhere = make.store()
    make.take_orders(till, [{**item, "version": 2, "store": elsewhere.code, "ordered_at": "2026-10-20T04:00:00Z"}])
    assert (make.post_all(), make.post_all()) == (2, 0)
    found = sorted((entry.business_day.day, entry.store_id == store.id, entry.signed_fen) for entry in entries())
    assert found == [(15, True, -1_000), (15, True, 1_000), (20, False, 1_000)]
    close(*OCTOBER)
    make.take_orders(till, [{**item, "version": 3, "store": elsewhere.code, "ordered_at": "2026-10-21T04:00:00Z"}])
    assert make.post_all() == 0
    assert balances()[guide.id] == 1_000


def test_each_group_of_stores_has_its_own_periods(store: Store, guide: Staff, till: Source) -> None:
    other = make.store()
    make.save(PayGroupStore(store_id=other.id, group_code="south"))
    close(*OCTOBER, group="south")
    items = [make.order_item(store=place, served_by=guide, ordered_at=SOLD) for place in (store, other)]
    make.take_orders(till, items)
    make.post_all()
    assert {entry.store_id: entry.business_day for entry in entries()} == {store.id: SOLD.date(), other.id: FIRST_OPEN}


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("DELETE FROM pay_period WHERE first_day = '2026-10-01'", "stays"),
        ("UPDATE pay_period SET last_day = '2026-10-30' WHERE first_day = '2026-10-01'", "keeps its days"),
        ("UPDATE pay_period SET state = 'open' WHERE first_day = '2026-10-01'", "never goes"),
        ("INSERT INTO pay_period (group_code, first_day, last_day) VALUES ('chain', '2026-09-01', '2026-09-30')",
         "later period is closed"),
        ("UPDATE pay_period SET state = 'approved' WHERE first_day = '2026-12-01'", "earlier period"),
        ("INSERT INTO pay_period (group_code, first_day, last_day) VALUES ('chain', '2026-11-30', '2026-12-02')",
         "ex_pay_period_once"),
    ],
)  # fmt: skip
def test_periods_are_closed_one_after_the_other(app: object, statement: str, message: str) -> None:
    close(*OCTOBER)
    for first, state in ((FIRST_OPEN, "open"), (date(2026, 12, 1), "in_review")):
        last = first.replace(day=30)
        make.pay_period(first, last, state=state)
    with pytest.raises(IntegrityError, match=message), unit_of_work():
        db.session.execute(text(statement))


def test_no_entry_lies_on_a_closed_day(store: Store, guide: Staff, till: Source) -> None:
    make.take_orders(till, [make.order_item(store=store, served_by=guide, ordered_at=SOLD)])
    make.post_all()
    close(*OCTOBER)
    [posted] = entries()
    columns: dict[str, Any] = {column.name: getattr(posted, column.name) for column in LedgerEntry.__table__.columns}
    with pytest.raises(IntegrityError, match="closed"):
        make.save(LedgerEntry(**{**columns, "id": None, "sequence": 2}))
