"""The figures of guides, stores and regions: who may read which, and what stands beside the sums."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine

from guideapi.app import GuideApp
from kit.db import unit_of_work
from kit.ids import new_id
from models import Target
from performance.rules.comparing import compared_period, same_festival
from performance.rules.ratios import rounded
from performance.service import rebuild_days
from staff.rules.calendar import Day, decreed_days
from tests import make
from tests.client import Client

NOON = datetime(2026, 3, 10, 4, tzinfo=UTC)
ASKED = {"from": "2026-03-02", "to": "2026-03-10"}


def read(client: Client, path: str, **query: str) -> dict[str, Any]:
    answer = client.get(f"/v1/performance/{path}", query_string={**ASKED, **query})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json
    return found


def test_parts_add_up_and_stand_beside_targets_and_other_days(client: Client, app: GuideApp) -> None:
    region = make.region()
    stores = [make.store(region_id=region.id) for _ in range(2)]
    li, wang = make.guide(store_id=stores[0].id), make.guide(store_id=stores[1].id)
    # Two guides share a receipt; one covers in the other's store; a member buys twice; nobody served the last.
    shared = [{"staff_no": person.staff_no, "share_bp": 5_000} for person in (li, wang)]
    sold = {"lines": [make.line(1, paid=10_001)], "member_no": "M1"}
    make.order(store=stores[0], ordered_at=NOON.replace(day=2), serving=shared, **sold)
    make.order(store=stores[1], ordered_at=NOON.replace(day=3), served_by=wang, **sold)
    make.order(store=stores[0], ordered_at=NOON.replace(day=3), lines=[make.line(1, paid=500)])
    make.order(store=stores[0], ordered_at=NOON.replace(year=2025), served_by=li, lines=[make.line(1, paid=4_000)])
    goal = {"month": date(2026, 3, 1), "metric": "net_sales", "currency": "CNY", "state": "approved"}
    make.save(Target(id=new_id(), level="store", store_id=stores[0].id, amount=21_002, **goal))
    with unit_of_work():
        rebuild_days(date(2026, 3, 2), date(2026, 3, 3))
        rebuild_days(date(2025, 3, 10), date(2025, 3, 10))
    with time_machine.travel(NOON, tick=False):
        head = client.sign_in(make.staff(roles=["hq_admin"]))
        whole = read(head, f"regions/{region.id}", compare="last_year")
        of_stores = [read(head, f"stores/{store.id}") for store in stores]
        of_guides = [read(head, f"guides/{guide.id}") for guide in (li, wang)]
    adding = ("net_sales", "settled_sales", "orders_bp", "units_bp", "member_sales")
    nobody = {"net_sales": 500, "settled_sales": 500, "orders_bp": 10_000, "units_bp": 10_000, "member_sales": 0}
    for name in adding:
        in_all = amount(whole, name)
        assert sum(amount(found, name) for found in of_stores) == in_all
        assert sum(amount(found, name) for found in of_guides) + nobody[name] == in_all
    # One person in both stores is one customer, and first bought then; of the third receipt, somebody unknown.
    assert [whole["readings"][name] for name in ("customers", "buyers", "first_purchases")] == [1, 2, 1]
    assert [day["day"] for day in whole["days"]][0::8] == ["2026-03-02", "2026-03-10"]
    assert (whole["days"][-1]["live"], whole["days"][-1]["orders"]) == (True, 0)
    before = whole["comparison"]
    assert (before["from"], before["to"], amount(before, "net_sales")) == ("2025-03-02", "2025-03-10", 4_000)
    assert before["ratios"]["member_share"] == {
        "numerator": 0,
        "denominator": 4_000,
        "amount": None,
        "value_bp": 0,
    }
    [aim] = of_stores[0]["targets"]
    gone, month = aim["time_progress"].values()
    assert (aim["achieved"], aim["attainment"]) == (10_501, {"numerator": 10_501, "denominator": 21_002})
    assert aim["run_rate"] == rounded(10_501 * month, gone)
    assert aim["ahead_bp"] == 5_000 - (rounded(gone * 10_000, month) or 0)


def amount(found: dict[str, Any], name: str) -> int:
    value = found["total"][name]
    return value["amount"] if isinstance(value, dict) else value  # type: ignore[no-any-return]


def test_of_others_only_what_they_did_in_stores_in_sight(client: Client, app: GuideApp) -> None:
    region = make.region()
    here, there = make.store(region_id=region.id), make.store(region_id=region.id)
    guide = make.guide(store_id=here.id)
    for store, fen in ((here, 700), (there, 9_000)):
        make.order(store=store, served_by=guide, ordered_at=NOON.replace(day=2), lines=[make.line(1, paid=fen)])
    with unit_of_work():
        rebuild_days(date(2026, 3, 2), date(2026, 3, 2))
    manager = client.sign_in(make.staff(roles=["store_manager"], store_id=here.id))
    path = f"guides/{guide.id}"
    seen = read(manager, path)
    assert (amount(seen, "net_sales"), seen["readings"]["receipts"], seen["restated_at"]) == (700, 1, None)
    opened = {"metric": "net_sales", "day": "2026-03-02"}
    rows = manager.get(f"/v1/performance/{path}/facts", query_string=opened).json["items"]
    assert [row["value"] for row in rows] == [700]
    own = client.sign_in(guide)
    assert amount(read(own, path), "net_sales") == 9_700
    first = own.get(f"/v1/performance/{path}/facts", query_string={**opened, "limit": 1}).json
    rest = own.get(f"/v1/performance/{path}/facts", query_string={**opened, "cursor": first["next_cursor"]}).json
    assert sorted(row["value"] for row in (*first["items"], *rest["items"])) == [700, 9_000]
    # The region has a store that the manager does not see.
    hidden = manager.get(f"/v1/performance/regions/{region.id}")
    assert (hidden.status_code, hidden.json["code"]) == (404, "region_not_found")


@pytest.mark.parametrize(
    ("kind", "first", "last"),
    [
        ("previous", date(2026, 2, 20), date(2026, 2, 28)),
        ("last_year", date(2025, 3, 1), date(2025, 3, 9)),
        ("weekdays", date(2025, 3, 2), date(2025, 3, 10)),
    ],
)
def test_other_days_are_as_many(kind: str, first: date, last: date) -> None:
    assert compared_period(kind, first=date(2026, 3, 1), last=date(2026, 3, 9)) == (first, last)
    assert compared_period("last_year", first=date(2028, 2, 29), last=date(2028, 2, 29))[0] == date(2027, 2, 28)


def test_a_festival_meets_itself_a_year_before_and_like_stores_their_like(client: Client, app: GuideApp) -> None:
    # 七夕 is on 29 August in 2025, on 10 August in 2024.
    region = make.region()
    kept = make.store(region_id=region.id, opened_on=date(2024, 8, 6))
    make.store(region_id=region.id, opened_on=date(2024, 1, 1), closed_on=date(2025, 8, 30))
    opened = make.store(region_id=region.id, opened_on=date(2024, 8, 7))
    for store, year, month, day, fen in (
        *((kept, 2024, 8, 6, 300), (kept, 2025, 8, 25, 500)),
        *((opened, 2024, 8, 12, 40), (opened, 2025, 8, 31, 7_000)),
    ):
        sold_at = datetime(year, month, day, 4, tzinfo=UTC)
        make.order(
            store=store, served_by=make.guide(store_id=store.id), ordered_at=sold_at, lines=[make.line(paid=fen)]
        )
    with unit_of_work():
        for day in (date(2024, 8, 6), date(2024, 8, 12), date(2025, 8, 25), date(2025, 8, 31)):
            rebuild_days(day, day)
    path, festival = f"regions/{region.id}", {"from": "2025-08-25", "to": "2025-08-31", "compare": "festival"}
    with time_machine.travel(NOON, tick=False):
        head = client.sign_in(make.staff(roles=["hq_admin"]))
        alike, every = read(head, path, **festival, like_for_like="true"), read(head, path, **festival)
        shop = read(head, f"stores/{kept.id}", **festival)
        query = {**ASKED, "like_for_like": "true"}
        alone = head.get(f"/v1/performance/{path}", query_string=query).json["errors"]
        none = [
            head.get(asked, query_string={**days, "compare": kind})
            for asked in (f"/v1/performance/{path}", "/v1/revenue-formula")
            for kind, days in (
                ("festival", {"from": "2026-06-02", "to": "2026-06-05"}),
                ("festival", {"from": "2000-02-05", "to": "2000-02-12"}),
                ("last_year", {"from": "0001-01-02", "to": "0001-01-03"}),
                ("previous", {"from": "9999-12-30", "to": "9999-12-31"}),
            )
        ]
    assert [(each["counted_stores"], amount(each, "net_sales")) for each in (alike, every)] == [(1, 500), (3, 7_500)]
    assert [amount(each["comparison"], "net_sales") for each in (alike, every, shop)] == [300, 340, 300]
    compared = alike["comparison"]
    assert (compared["kind"], compared["from"], compared["to"]) == ("festival", "2024-08-06", "2024-08-12")
    assert alone["compare"][0]["code"] == "required"
    assert [answer.status_code for answer in none] == [422] * 8
    assert [none[n].json["errors"]["compare"][0]["code"] for n in (0, 1, 4, 5)] == ["no_festival"] * 4


@pytest.mark.parametrize(
    ("first", "last", "compared"),
    [
        # 15 to 23 February 2026 is Spring Festival, from 28 January in 2025.
        ((2026, 2, 17), (2026, 2, 20), (2025, 1, 30)),
        # Mid-autumn interrupts National Day.
        ((2025, 10, 5), (2025, 10, 8), (2024, 10, 5)),
        ((2026, 9, 30), (2026, 10, 9), (2025, 9, 30)),
        ((2026, 11, 9), (2026, 11, 12), (2025, 11, 9)),
    ],
)
def test_a_festival_counts_from_its_first_day(
    first: tuple[int, int, int], last: tuple[int, int, int], compared: tuple[int, int, int]
) -> None:
    days = [day for year in range(2024, 2027) for day in decreed_days(year)]
    found = same_festival(with_plain_days(days), first=date(*first), last=date(*last))
    assert found == (date(*compared), date(*compared) + (date(*last) - date(*first)))


def with_plain_days(told: list[Day]) -> list[Day]:
    """The days between as well, which are no festival."""
    by_day = {day.day: day for day in told}
    days = [date(2024, 1, 1) + timedelta(days=n) for n in range(3 * 365)]
    return [by_day.get(day) or Day(day, "workday", None) for day in days]


def test_quotients_are_rounded_half_away_from_zero_and_nothing_is_divided_by_nothing() -> None:
    assert [rounded(5, 2), rounded(-5, 2), rounded(4, 3), rounded(-4, 3), rounded(0, 7)] == [3, -3, 1, -1, 0]
    assert rounded(7, 0) is None
