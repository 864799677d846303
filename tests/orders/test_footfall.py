"""Who came into stores: taken in by hour, and what sales are divided by."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
import time_machine
from sqlalchemy import select

from guideapi.app import GuideApp
from kit import clock
from kit.db import db
from models import Footfall, Source, Store
from orders.incoming_footfall import FootfallItem
from orders.service import ingest_footfall
from tests import make, races
from tests.client import Client

NOON = datetime(2026, 3, 10, 4, tzinfo=UTC)
DAY = NOON.date()


def hour(place: Store, hour: int = 10, **fields: Any) -> dict[str, Any]:
    return {"store": place.code, "day": DAY.isoformat(), "hour": hour, "count": 5, "version": 2, **fields}


def push(client: Client, source: Source, *items: Any) -> list[tuple[str, str | None]]:
    answer = client.post(f"/v1/sources/{source.code}/footfall", json={"items": list(items)})
    assert answer.status_code == 200, answer.text
    return [(one["outcome"], one.get("code")) for one in answer.json["items"]]


def held() -> dict[int, int]:
    return {row.hour: row.visitors for row in db.session.execute(select(Footfall.hour, Footfall.visitors))}


def test_the_newest_count_of_an_hour_stands(integrator: Client) -> None:
    door, store = make.order_source(), make.store()
    assert push(integrator, door, hour(store), hour(store, 11)) == [("created", None)] * 2
    again = [
        hour(store, store=f" {store.code.lower()} "),
        hour(store, count=6),
        hour(store, count=9, version=1),
        hour(store, 11, count=8, version=4),
        hour(store, 11, count=7, version=3),
        hour(store, 12, count=0),
    ]
    told = [
        ("unchanged", None),
        ("rejected", "version_reused"),
        ("stale", "older_version"),
        ("updated", None),
        ("stale", "older_version"),
        ("created", None),
    ]
    assert push(integrator, door, *again) == told
    assert held() == {10: 5, 11: 8, 12: 0}


def test_what_is_wrong_with_an_hour_spoils_no_other(integrator: Client) -> None:
    door, store = make.order_source(), make.store()
    wrong = [
        hour(store, store="NOWHERE"),
        hour(store, day="1999-12-31"),
        hour(store, day="2999-01-01"),
        hour(store, 24),
        hour(store, count=-1),
        hour(store, count=1_000_001),
        hour(store, day="2026-02-30"),
        hour(store, visitors=1),
    ]
    codes = ["unknown_store", *["implausible_time"] * 2, *["invalid_item"] * 5]
    assert push(integrator, door, *wrong, hour(store)) == [*(("rejected", code) for code in codes), ("created", None)]
    assert held() == {10: 5}
    assert integrator.post("/v1/sources/nobody/footfall", json={"items": [hour(store)]}).status_code == 404


@pytest.mark.parametrize(
    ("late", "told", "stands"),
    [
        ({"version": 3, "count": 6}, "updated", 6),
        ({"version": 2, "count": 5}, "unchanged", 5),
        ({"version": 2, "count": 6}, "rejected", 5),
        ({"version": 1, "count": 6}, "stale", 5),
    ],
)
def test_a_batch_that_comes_in_meanwhile(app: GuideApp, late: dict[str, int], told: str, stands: int) -> None:
    """The second one has seen nothing of the hour, and finds it taken when it writes."""
    code, place = make.order_source().code, make.store()
    items = [msgspec.convert(hour(place, **fields), FootfallItem) for fields in ({}, late)]

    def take(item: FootfallItem) -> str:
        return str(ingest_footfall(source=code, items=[(0, item)], now=clock.now())[0]["outcome"])

    assert races.race(app, lambda: take(items[0]), lambda: take(items[1])) == ("created", told)
    assert held() == {10: stands}


def test_conversion_is_of_the_days_and_stores_where_somebody_was_counted(client: Client) -> None:
    region = make.region()
    counted, blind = (make.store(region_id=region.id) for _ in range(2))
    guide = make.guide(store_id=counted.id)
    for days in (0, 0, 1):
        make.order(store=counted, served_by=guide, ordered_at=NOON - timedelta(days=days, hours=1))
    make.order(store=blind, ordered_at=NOON - timedelta(hours=1))
    make.footfall(counted, 7, day=DAY, hour=10)
    # A second door, and a counter that failed the day before.
    make.footfall(counted, 9, day=DAY, hour=10)
    make.footfall(counted, 0, day=DAY - timedelta(days=1))
    with time_machine.travel(NOON, tick=False):
        head = client.sign_in(make.staff(roles=["hq_admin"]))
        asked = {"from": (DAY - timedelta(days=1)).isoformat(), "to": DAY.isoformat()}
        paths = [f"regions/{region.id}", f"stores/{blind.id}", f"guides/{guide.id}"]
        found = [head.get(f"/v1/performance/{path}", query_string=asked).json for path in paths]
    ratios = [one["ratios"]["conversion_rate"] for one in found]
    assert ratios[0] == {"numerator": 2, "denominator": 16, "amount": None, "value_bp": 1250}
    assert [one["value_bp"] for one in ratios[1:]] == [None, None]
    assert [one["readings"]["footfall"] for one in found] == [16, 0, 0]
