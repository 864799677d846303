"""The revenue formula: parts of a change that add up, and who may ask for them."""

import re
from datetime import UTC, date, datetime
from fractions import Fraction
from pathlib import Path

import time_machine
from hypothesis import given, settings
from hypothesis import strategies as st

from guideapi.app import GuideApp
from kit.db import unit_of_work
from performance.rules.formula import explain, factors_of, mean_over_orders
from performance.rules.ratios import rounded
from performance.service import rebuild_days
from tests import make
from tests.client import Client
from tests.performance.test_figures import LONG_AGO

NAMES = ("viewers", "buyers", "receipts", "net_sales")
BEFORE = dict(zip(NAMES, (100, 20, 25, 500_000), strict=True))
NOW = dict(zip(NAMES, (120, 30, 36, 756_000), strict=True))
DOCS = Path(__file__).parents[2] / "docs" / "performance.md"
NOON = datetime(2026, 3, 10, 4, tzinfo=UTC)
SUMS = st.tuples(*[st.integers(0, 10**6)] * 3, st.integers(-(10**9), 10**12)).map(
    lambda sums: dict(zip(NAMES, sums, strict=True))
)
VALUES = st.lists(st.fractions(-100, 100, max_denominator=50), min_size=4, max_size=4)


def test_the_documented_example_holds() -> None:
    [table] = re.findall(r"\| factor \| before \| now \| part \|\n\|[-|]+\n((?:\|.*\n)+)", DOCS.read_text())
    rows = [[cell.strip() for cell in row.strip("|").split("|")] for row in table.splitlines()]
    factors = factors_of(NOW, BEFORE)

    def values(sums: dict[str, int]) -> list[str]:
        scale = {"count": 1, "money": 1, "basis_points": 10_000}
        return [str(rounded(sums[f.numerator] * scale[f.unit], sums.get(f.denominator or "", 1))) for f in factors]

    parts = [str(part) for part in explain(factors, now=NOW, before=BEFORE)]
    assert [
        list(row) for row in zip([f.name for f in factors], values(BEFORE), values(NOW), parts, strict=True)
    ] == rows


@given(SUMS, SUMS)
@settings(max_examples=60)
def test_parts_add_up_to_the_fen_and_mirror_the_other_way_round(now: dict[str, int], before: dict[str, int]) -> None:
    factors = factors_of(now, before)
    parts = explain(factors, now=now, before=before)
    assert sum(parts) == now["net_sales"] - before["net_sales"]
    assert explain(factors_of(before, now), now=before, before=now) == [-part for part in parts]


@given(VALUES, VALUES, st.permutations(range(4)))
@settings(max_examples=30)
def test_no_factor_is_favoured_by_its_place(before: list[Fraction], now: list[Fraction], order: list[int]) -> None:
    parts = mean_over_orders(before, now)
    moved = mean_over_orders([before[place] for place in order], [now[place] for place in order])
    assert moved == [parts[place] for place in order]
    # One that stays as it is explains nothing.
    assert mean_over_orders([now[0], *before[1:]], now)[0] == 0


def test_the_product_begins_after_the_last_sum_that_is_nothing() -> None:
    names = [[f.name for f in factors_of(NOW, {**BEFORE, name: 0})] for name in NAMES]
    assert names == [
        ["buyers", "frequency", "net_receipt_value"],
        ["receipts", "net_receipt_value"],
        ["net_sales"],
        ["visitors", "conversion", "frequency", "net_receipt_value"],
    ]


def test_a_guide_a_store_and_a_region_are_told_why_sales_changed(client: Client, app: GuideApp) -> None:
    region = make.region()
    store = make.store(region_id=region.id)
    guide = make.guide(store_id=store.id)
    article = make.content(valid_from=LONG_AGO)
    for day, fen, people in ((2, 1_000, "ab"), (9, 3_001, "abc")):
        forward = make.sent_forward(of=article, guide=guide, at=NOON.replace(day=day))
        for viewer in people:
            make.touch(forward, viewer=viewer, created_at=NOON.replace(day=day, hour=5))
        make.order(store=store, ordered_at=NOON.replace(day=day), served_by=guide, lines=[make.line(1, paid=fen)])
    with unit_of_work():
        rebuild_days(date(2026, 3, 1), date(2026, 3, 9))
    asked = {"from": "2026-03-08", "to": "2026-03-09", "compare": "weekdays"}
    with time_machine.travel(NOON, tick=False):
        own = client.sign_in(guide)
        mine = own.get("/v1/revenue-formula", query_string={**asked, "from": "2026-03-03", "to": "2026-03-09"})
        week = own.get("/v1/revenue-formula", query_string={"from": "2026-03-06", "to": "2026-03-10"})
        refused = own.get("/v1/revenue-formula", query_string={"store_id": str(store.id)})
        both = own.get("/v1/revenue-formula", query_string={"store_id": str(store.id), "guide_id": str(guide.id)})
        head = client.sign_in(make.staff(roles=["hq_admin"]))
        wider = [
            head.get("/v1/revenue-formula", query_string={**key, "from": "2026-03-06", "to": "2026-03-10"}).json
            for key in ({"store_id": str(store.id)}, {"region_id": str(region.id)}, {"guide_id": str(guide.id)})
        ]
    # Nobody sold a year ago: only net sales remain.
    assert [(f["factor"], f["part"]["amount"]) for f in mine.json["factors"]] == [("net_sales", 3_001)]
    assert mine.json["visitors_are"] == "viewers"
    # 3 × 1/3 × 1 × 3001 against 2 × 1/2 × 1 × 1000: 805.75, -861.33, 0, 2056.58 before they are made whole.
    found = week.json
    assert (found["before_from"], found["before_to"], found["change"]["amount"]) == ("2026-03-01", "2026-03-05", 2_001)
    parts = [(f["factor"], f["part"]["amount"]) for f in found["factors"]]
    assert parts == [("visitors", 806), ("conversion", -861), ("frequency", 0), ("net_receipt_value", 2_056)]
    assert [f["now"]["numerator"] for f in found["factors"]] == [3, 1, 1, 3_001]
    assert [f["label"]["zh"] for f in found["factors"]][:2] == ["访客数", "转化率"]
    assert all(one["factors"] == found["factors"] for one in wider)
    assert [one["subject"]["kind"] for one in wider] == ["store", "region", "guide"]
    assert (refused.status_code, both.status_code) == (403, 422)
    assert both.json["errors"]["store_id"][0]["code"] == "exactly_one"
