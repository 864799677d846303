"""A day that is over stays as it was read, or says that it was restated, and when."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine

from kit import clock
from kit.db import db, unit_of_work
from models import Source, Staff, Store
from performance.service import rebuild_days
from tests import make
from tests.client import Client

SOLD_AT = datetime(2026, 10, 15, 4, tzinfo=UTC)
LATER = datetime(2026, 11, 20, 4, tzinfo=UTC)
OCTOBER, NOVEMBER = ({"from": f"2026-{month}-01", "to": f"2026-{month}-30"} for month in (10, 11))


@pytest.fixture
def till(app: object) -> Source:
    return make.order_source()


@pytest.fixture
def store(guide: Staff) -> Store:
    return db.session.get_one(Store, guide.store_id)


def rebuild() -> None:
    with unit_of_work():
        rebuild_days(date(2026, 10, 15), date(2026, 10, 15))
        rebuild_days(LATER.date(), LATER.date())


def read(client: Client, period: dict[str, str]) -> list[Any]:
    """What my figures, and my store's board, say of a period: settled sales, and when they were restated."""
    board = client.get("/v1/leaderboards", query_string={**period, "metric": "settled_sales"}).json
    mine = client.get("/v1/performance/me", query_string=period).json
    assert board["restated_at"] == mine["restated_at"]
    return [board["me"] and board["me"]["amount"]["amount"], mine["total"]["settled_sales"]["amount"],
            mine["total"]["net_sales"]["amount"], mine["restated_at"]]  # fmt: skip


def test_refund_of_november_leaves_october_and_a_correction_says_so(
    as_guide: Client, till: Source, store: Store, guide: Staff
) -> None:
    sale = make.order_item(store=store, served_by=guide, ordered_at=SOLD_AT, lines=[make.line(1, paid=31_900)])
    make.take_orders(till, [sale])
    rebuild()
    assert read(as_guide, OCTOBER) == [31_900, 31_900, 31_900, None]
    refund = make.refund_item(store=store, order=sale["external_id"], refunded_at=LATER)
    make.take_refunds(till, [refund])
    rebuild()
    assert read(as_guide, OCTOBER) == [31_900, 31_900, 0, None]
    assert read(as_guide, NOVEMBER)[:3] == [-31_900, -31_900, 0]
    make.take_refunds(till, [{**refund, "version": 2, "cancelled": True}])
    make.take_orders(till, [{**sale, "version": 2, "lines": [make.line(1, paid=100)]}])
    with time_machine.travel(clock.now() + timedelta(days=1), tick=False):
        rebuild()
        corrected = clock.now()
    *figures, restated_at = read(as_guide, OCTOBER)
    assert figures == [100, 100, 100]
    assert datetime.fromisoformat(restated_at) == corrected


def test_other_stores_and_days_are_not_restated(
    client: Client, as_guide: Client, till: Source, store: Store, guide: Staff
) -> None:
    other = make.guide()
    for one in (guide, other):
        place = db.session.get_one(Store, one.store_id)
        make.take_orders(till, [make.order_item(store=place, served_by=one, ordered_at=SOLD_AT)])
    rebuild()
    make.take_orders(till, [make.order_item(store=store, served_by=guide, ordered_at=SOLD_AT)])
    rebuild()
    assert read(as_guide, OCTOBER)[-1] is not None
    assert read(as_guide, NOVEMBER)[-1] is None
    assert read(client.sign_in(other), OCTOBER)[-1] is None


def test_receipt_taken_back_restates_its_day(as_guide: Client, till: Source, store: Store, guide: Staff) -> None:
    sale = make.order_item(store=store, served_by=guide, ordered_at=SOLD_AT)
    make.take_orders(till, [sale])
    rebuild()
    make.take_orders(till, [{**sale, "version": 2, "lines": [make.line(1, quantity=0, paid=0)]}])
    rebuild()
    found = as_guide.get("/v1/leaderboards", query_string={**OCTOBER, "metric": "settled_sales"}).json
    assert found["me"] is None
    assert found["restated_at"] is not None
