"""Guides see their own money and why; plans need two people."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kit import clock
from kit.db import db
from models import LedgerEntry, Staff, Store
from performance.service import rebuild_days
from tests import make
from tests.client import Client
from tests.commissions.ledger import entries

MARCH = "?from=2026-03-01&to=2026-03-31"


def yuan(fen: int) -> dict[str, Any]:
    return {"amount": fen, "currency": "CNY"}


@pytest.fixture
def store(guide: Staff) -> Store:
    return db.session.get_one(Store, guide.store_id)


@pytest.fixture
def march(guide: Staff, store: Store) -> list[LedgerEntry]:
    """Two sales of the guide, one of them taken back in half, and one of somebody elsewhere."""
    make.plan_version({"brand": "无", "rate_bp": 1}, {"rate_bp": 1_000})
    till = make.order_source()
    first = make.order_item(store=store, served_by=guide, ordered_at=datetime(2026, 3, 3, 4, tzinfo=UTC))
    # A quarter to midnight in UTC is the next morning in Shanghai.
    second = make.order_item(store=store, served_by=guide, ordered_at=datetime(2026, 3, 8, 23, 45, tzinfo=UTC))
    elsewhere = make.guide()
    other = make.order_item(
        store=db.session.get_one(Store, elsewhere.store_id),
        served_by=elsewhere,
        ordered_at=datetime(2026, 3, 4, 4, tzinfo=UTC),
    )
    make.take_orders(till, [first, second, other])
    make.post_all()
    make.take_orders(till, [{**first, "version": 2, "lines": [make.line(1, paid=5_000)]}])
    make.post_all()
    return entries()


def test_summary_adds_up_by_business_day(as_guide: Client, march: list[LedgerEntry]) -> None:
    summary = as_guide.get("/v1/commissions/summary" + MARCH).json
    assert (summary["from"], summary["to"]) == ("2026-03-01", "2026-03-31")
    assert summary["totals"] == [
        {
            "accrued": yuan(2_000),
            "reversed": yuan(500),
            "net": yuan(1_500),
            "pending": yuan(0),
            "matured": yuan(1_500),
            "at_risk": yuan(0),
        }
    ]
    # Neither today nor this month has anything, whatever days are asked for.
    assert summary["current"] == [{"today": yuan(0), "month": yuan(0)}]
    assert summary["days"] == [
        {"day": "2026-03-03", "accrued": yuan(1_000), "reversed": yuan(500), "net": yuan(500)},
        {"day": "2026-03-09", "accrued": yuan(1_000), "reversed": yuan(0), "net": yuan(1_000)},
    ]
    one_day = as_guide.get("/v1/commissions/summary?from=2026-03-09&to=2026-03-09").json
    assert [day["day"] for day in one_day["days"]] == ["2026-03-09"]


@pytest.mark.parametrize("moved_to", [datetime(2026, 3, 20, 4, tzinfo=UTC), datetime(2026, 7, 1, 4, tzinfo=UTC)])
def test_entries_follow_the_order_to_the_day_its_source_moves_it_to(
    as_guide: Client, guide: Staff, store: Store, moved_to: datetime
) -> None:
    make.plan_version({"rate_bp": 1_000})
    till = make.order_source()
    sale = make.order_item(store=store, served_by=guide, ordered_at=datetime(2026, 3, 3, 4, tzinfo=UTC))
    make.take_orders(till, [sale])
    make.post_all()
    make.take_orders(till, [{**sale, "version": 2, "ordered_at": moved_to.isoformat()}])
    make.post_all()
    day = moved_to.date()
    rebuild_days(day, day)
    there = f"?from={day}&to={day}"
    summary = as_guide.get("/v1/commissions/summary" + there).json
    posted = as_guide.get("/v1/commissions/entries" + there).json["items"]
    [figures] = as_guide.get("/v1/performance/me" + there).json["days"]
    assert [total["net"] for total in summary["totals"]] == [yuan(1_000)]
    assert [(entry["day"], entry["amount"]) for entry in posted] == [(day.isoformat(), yuan(1_000))]
    assert figures["commission"] == yuan(1_000)
    before = as_guide.get("/v1/commissions/summary?from=2026-03-03&to=2026-03-03").json
    assert [day["net"] for day in before["days"]] == [yuan(0)]


def test_every_fen_explains_itself(as_guide: Client, guide: Staff, march: list[LedgerEntry]) -> None:
    items = as_guide.get("/v1/commissions/entries" + MARCH).json["items"]
    assert [(item["kind"], item["amount"]["amount"]) for item in items] == [
        ("accrual", 1_000),
        ("reversal", -500),
        ("accrual", 1_000),
    ]
    reversal = items[1]
    assert (reversal["net"], reversal["rate_bp"], reversal["rule_no"]) == (yuan(5_000), 1_000, 2)
    assert (reversal["rule"]["kind"], reversal["rule"]["name"]) == ("line", "rule 2")
    assert (reversal["order_revision"], reversal["plan_version"], reversal["day"]) == (2, 1, "2026-03-03")
    assert (reversal["attribution"], reversal["sellers"]) == (
        "serving",
        [{"guide_id": str(guide.id), "share_bp": 10_000}],
    )
    assert as_guide.get(f"/v1/orders/{reversal['order_id']}").json["net"] == yuan(5_000)
    assert as_guide.get(f"/v1/order-lines/{reversal['order_line_id']}/attribution").status_code == 200


def test_reversal_names_its_refund_and_the_order(as_guide: Client, guide: Staff, store: Store) -> None:
    make.plan_version({"rate_bp": 1_000})
    till = make.order_source()
    sale = make.order(source=till, store=store, served_by=guide)
    make.take_refunds(till, [make.refund_item(store=store, order=sale.external_id)])
    make.post_all()
    entries = as_guide.get("/v1/commissions/entries").json["items"]
    assert [(entry["kind"], entry["order_id"]) for entry in entries] == [
        ("reversal", str(sale.id)),
        ("accrual", str(sale.id)),
    ]
    assert entries[1]["refund_id"] is None
    refund = as_guide.get(f"/v1/refunds/{entries[0]['refund_id']}").json
    assert (refund["order_id"], entries[0]["attribution"]) == (str(sale.id), "original")


def test_entries_page_without_gap_or_repeat(as_guide: Client, march: list[LedgerEntry]) -> None:
    whole = [item["id"] for item in as_guide.get("/v1/commissions/entries" + MARCH).json["items"]]
    seen, cursor = [], ""
    while cursor is not None:
        answer = as_guide.get(f"/v1/commissions/entries{MARCH}&limit=1" + (f"&cursor={cursor}" if cursor else "")).json
        seen += [item["id"] for item in answer["items"]]
        cursor = answer["next_cursor"]
    assert seen == whole
    assert len(set(seen)) == 3


def test_guide_sees_only_own_money(client: Client, guide: Staff, store: Store, march: list[LedgerEntry]) -> None:
    colleague = client.sign_in(make.guide(store_id=store.id))
    for path in ("/v1/commissions/summary", "/v1/commissions/entries"):
        for who in (f"&guide_id={guide.id}", f"&store_id={store.id}", ""):
            answer = colleague.get(path + MARCH + who)
            assert answer.status_code == 200
            assert answer.json.get("totals", answer.json.get("items")) == []


def test_manager_sees_the_stores_and_nobody_elses(
    client: Client, as_manager: Client, guide: Staff, store: Store, march: list[LedgerEntry]
) -> None:
    def accrued(caller: Client, who: str) -> list[int]:
        totals = caller.get("/v1/commissions/summary" + MARCH + who).json["totals"]
        return [total["accrued"]["amount"] for total in totals]

    assert accrued(as_manager, f"&store_id={store.id}") == [2_000]
    assert accrued(as_manager, f"&guide_id={guide.id}") == [2_000]
    assert accrued(as_manager, "") == [2_000]
    stranger = client.sign_in(make.staff(roles=["store_manager"]))
    assert accrued(stranger, f"&store_id={store.id}") == accrued(stranger, f"&guide_id={guide.id}") == []
    regional = client.sign_in(make.staff(roles=["regional_manager"], region_id=store.region_id))
    assert accrued(regional, f"&store_id={store.id}") == [2_000]
    assert accrued(client.sign_in(make.staff(roles=["auditor"])), f"&guide_id={guide.id}") == [2_000]


def test_summaries_cover_the_scope_by_default(
    client: Client, store: Store, march: list[LedgerEntry], as_guide: Client
) -> None:
    mine = as_guide.get("/v1/commissions/summary" + MARCH).json
    manager = client.sign_in(make.staff(roles=["store_manager"], store_id=store.id))
    assert manager.get("/v1/commissions/summary" + MARCH).json == mine
    regional = client.sign_in(make.staff(roles=["regional_manager"], region_id=store.region_id))
    assert regional.get("/v1/commissions/summary" + MARCH).json == mine
    finance = client.sign_in(make.staff(roles=["hq_finance"]))
    everything = finance.get("/v1/commissions/summary" + MARCH).json
    assert everything["totals"][0]["net"]["amount"] > mine["totals"][0]["net"]["amount"]
    assert len(finance.get("/v1/commissions/entries" + MARCH).json["items"]) == len(march)


def test_who_has_no_business_with_money(client: Client, integrator: Client) -> None:
    editor = client.sign_in(make.staff(roles=["hq_content"]))
    for path in ("/v1/commissions/summary", "/v1/commissions/entries", "/v1/commission-plans"):
        assert editor.get(path).status_code == integrator.get(path).status_code == 403


@pytest.mark.parametrize("period", ["?from=2026-03-02&to=2026-03-01", "?from=2024-01-01&to=2026-01-01"])
def test_bad_period(as_guide: Client, period: str) -> None:
    answer = as_guide.get("/v1/commissions/summary" + period)
    assert (answer.status_code, answer.json["code"]) == (422, "bad_period")


@pytest.mark.parametrize("period", ["?to=0001-01-01", "?to=9999-12-31", "?from=9999-12-31&to=9999-12-31"])
def test_ends_of_the_calendar(as_guide: Client, period: str) -> None:
    assert as_guide.get("/v1/commissions/summary" + period).status_code in (200, 422)


def test_summary_needs_no_period(as_guide: Client) -> None:
    summary = as_guide.get("/v1/commissions/summary").json
    assert (summary["totals"], summary["days"]) == ([], [])


def test_summary_tells_what_is_in_the_return_window_and_what_was_earned_today(
    as_guide: Client, guide: Staff, store: Store
) -> None:
    make.plan_version({"rate_bp": 1_000})
    now, till = clock.now(), make.order_source()
    today = clock.business_day(now, store.time_zone)
    # Long ago, the last day that is matured, the first of the window, and today.
    days = [today - timedelta(days=ago) for ago in (90, 8, 7, 0)]
    sold = [now - (today - day) for day in days]
    make.take_orders(till, [make.order_item(store=store, served_by=guide, ordered_at=at) for at in sold])
    make.post_all()
    summary = as_guide.get("/v1/commissions/summary").json
    assert summary["pending_from"] == days[2].isoformat()
    [total] = summary["totals"]
    assert [total[name]["amount"] for name in ("net", "pending", "matured", "at_risk")] == [3_000, 2_000, 1_000, 2_000]
    # Today and this month are told whatever days are asked for.
    once = as_guide.get(f"/v1/commissions/summary?from={days[0]}&to={days[0]}").json
    assert [day["day"] for day in once["days"]] == [days[0].isoformat()]
    this_month = sum(1_000 for day in days if day.replace(day=1) == today.replace(day=1))
    for told in (summary, once):
        assert told["current"] == [{"today": yuan(1_000), "month": yuan(this_month)}]


def test_new_order_reaches_the_guides_money(as_guide: Client, guide: Staff, store: Store) -> None:
    make.plan_version({"rate_bp": 1_000})
    make.order(store=store, served_by=guide)
    make.post_all()
    [total] = as_guide.get("/v1/commissions/summary").json["totals"]
    assert (total["pending"], total["matured"], total["at_risk"]) == (yuan(1_000), yuan(0), yuan(1_000))
    assert as_guide.get("/v1/commissions/summary").json["to"] >= str(make.yesterday() - timedelta(days=1))


def test_an_old_entry_is_explained_by_what_was_decided_then(as_guide: Client, guide: Staff, store: Store) -> None:
    make.plan_version({"rate_bp": 1_000})
    till, other = make.order_source(), make.guide(store_id=store.id)
    item = make.order_item(store=store, served_by=guide)
    make.take_orders(till, [item])
    make.post_all()
    make.take_orders(till, [{**item, "version": 2, "serving": [{"staff_no": other.staff_no, "share_bp": 10_000}]}])
    make.post_all()
    reversal, accrual = as_guide.get("/v1/commissions/entries").json["items"]
    assert [one["guide_id"] for one in accrual["sellers"]] == [str(guide.id)]
    assert [one["guide_id"] for one in reversal["sellers"]] == [str(other.id)]
    why = as_guide.get(f"/v1/order-lines/{accrual['order_line_id']}/attribution")
    # Nobody's credit is left there, but the line was theirs once.
    assert why.status_code == 200
    assert (why.json["decision_id"], why.json["before"][0]["decision_id"]) == (
        reversal["decision_id"],
        accrual["decision_id"],
    )
