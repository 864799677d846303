"""Refunds are documents: of pieces, amounts or whole orders, before their order or without one, in any order."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from commissions.service import post_orders
from guideapi.app import GuideApp
from kit import clock
from kit.db import db, unit_of_work
from models import AttributionDecision, Credit, Order, OrderLine, OrderPosting, Source, Staff, Store
from orders.incoming import OrderItem
from orders.incoming_refunds import RefundItem
from orders.queries import sold_by_guides, sold_by_stores
from orders.queries.credited import Sold
from orders.service import ingest_orders, ingest_refunds
from tests import make
from tests.client import Client
from tests.commissions.ledger import balances
from tests.orders.decided import with_sellers
from tests.races import race

SALE_AT = datetime(2026, 5, 10, 4, tzinfo=UTC)
REFUND_AT = datetime(2026, 6, 2, 4, tzinfo=UTC)


@pytest.fixture
def till(app: object) -> Source:
    return make.order_source()


@pytest.fixture
def store(guide: Staff) -> Store:
    found = db.session.get(Store, guide.store_id)
    assert found is not None
    return found


def sale(store: Store, guide: Staff, **fields: Any) -> dict[str, Any]:
    lines = [make.line(1, paid=33_333, quantity=3), make.line(2, paid=11_300, tax=1_300)]
    return make.order_item(
        **{"store": store, "served_by": guide, "external_id": "S-1", "ordered_at": SALE_AT, "lines": lines, **fields}
    )


def back(store: Store, **fields: Any) -> dict[str, Any]:
    return make.refund_item(**{"store": store, "external_id": "R-1", "refunded_at": REFUND_AT, **fields})


def push(client: Client, till: Source, kind: str, *items: dict[str, Any]) -> list[dict[str, Any]]:
    answer = client.post(f"/v1/sources/{till.code}/{kind}", json={"items": list(items)})
    assert answer.status_code == 200, answer.text
    outcomes: list[dict[str, Any]] = answer.json["items"]
    return outcomes


def receipt(kind: str, external_id: str = "R-1") -> Order:
    db.session.expire_all()
    return db.session.scalars(select(Order).where(Order.receipt_kind == kind, Order.external_id == external_id)).one()


def in_month(store: Store, month: int) -> Sold:
    first = date(2026, month, 1)
    found = sold_by_stores([store.id], first=first, last=first + timedelta(days=27))
    return found.get((store.id, store.currency), Sold())


def test_refund_of_a_piece_counts_on_its_own_day_and_lessens_its_sale(
    integrator: Client, as_guide: Client, till: Source, store: Store, guide: Staff
) -> None:
    push(integrator, till, "orders", sale(store, guide))
    item = back(store, order="S-1", reason="尺码不合", lines=[{"line_no": 1, "order_line": 1, "quantity": 1}])
    assert [one["outcome"] for one in push(integrator, till, "refunds", item)] == ["created"]
    assert in_month(store, 5) == Sold(43_333 - 11_111, 43_333, 1, 4)
    assert in_month(store, 6) == Sold(0, -11_111, 0, -1)
    refund = as_guide.get(f"/v1/refunds/{receipt('refund').id}").json
    assert (refund["state"], refund["refunded"]["amount"], refund["fee"]["amount"]) == ("given_back", 11_111, 0)
    assert (refund["business_day"], refund["reason"], refund["order_external_id"]) == ("2026-06-02", "尺码不合", "S-1")
    [line] = refund["lines"]
    assert (line["quantity"], line["sku_code"], line["attribution"]) == (1, "SKU-1", "original")
    assert line["sellers"] == [{"guide_id": str(guide.id), "share_bp": 10_000}]
    order = as_guide.get(f"/v1/orders/{receipt('sale', 'S-1').id}").json
    assert (order["net"]["amount"], order["net_sales"]["amount"]) == (43_333, 32_222)
    assert order["refund_ids"] == [refund["id"]]
    assert order["id"] == refund["order_id"]
    assert as_guide.get(f"/v1/orders/{refund['id']}").json["code"] == "order_not_found"


def test_same_refund_again_changes_nothing_and_other_content_is_told(
    integrator: Client, till: Source, store: Store, guide: Staff
) -> None:
    push(integrator, till, "orders", sale(store, guide))
    item = back(store, order="S-1")
    push(integrator, till, "refunds", item)
    assert [one["outcome"] for one in push(integrator, till, "refunds", item)] == ["unchanged"]
    assert receipt("refund").revision == 1
    [told] = push(integrator, till, "refunds", {**item, "fee": 1})
    assert (told["outcome"], told["code"]) == ("rejected", "version_reused")
    [told] = push(integrator, till, "refunds", {**item, "version": 0})
    assert told["outcome"] == "stale"


def test_good_version_is_taken_though_a_newer_one_is_bad(
    integrator: Client, till: Source, store: Store, guide: Staff
) -> None:
    good = back(store, order="S-1")
    bad = {**good, "version": 2, "store": "NOWHERE"}
    told = push(integrator, till, "refunds", good, bad)
    assert [(one["outcome"], one.get("code")) for one in told] == [("created", None), ("rejected", "unknown_store")]


def test_each_refusal_is_told_and_stops_no_other(integrator: Client, till: Source, store: Store, guide: Staff) -> None:
    push(integrator, till, "orders", sale(store, guide))
    line = {"line_no": 1, "order_line": 1, "quantity": 1}
    bad: list[tuple[str, dict[str, Any]]] = [
        ("unknown_store", {"store": "NOWHERE"}),
        ("unknown_guide", {"serving": [{"staff_no": "NOBODY", "share_bp": 10_000}]}),
        ("crooked_shares", {"serving": [{"staff_no": guide.staff_no, "share_bp": 1}]}),
        ("crooked_refund", {"order": None}),
        ("crooked_refund", {"lines": [{"line_no": 1, "amount": 5}]}),
        ("crooked_refund", {"order": None, "lines": [{"line_no": 1, "sku": "A", "quantity": 1}]}),
        ("crooked_refund", {"lines": [{"line_no": 1, "order_line": 1}]}),
        ("crooked_refund", {"lines": [{**line, "amount": 5, "tax": 6}]}),
        ("duplicate_line", {"lines": [line, line]}),
        ("refund_currency", {"currency": "HKD"}),
        ("implausible_time", {"refunded_at": "2199-01-01T00:00:00Z"}),
        ("broken_by_spreadsheet", {"order": "8.8E+15"}),
        ("invalid_item", {"lines": [{**line, "quantity": -1}]}),
    ]
    items = [{**back(store, order="S-1", external_id=f"R-{n}"), **fields} for n, (_, fields) in enumerate(bad)]
    told = push(integrator, till, "refunds", *items, back(store, order="S-1"))
    assert [one.get("code") for one in told] == [*(code for code, _ in bad), None]
    assert in_month(store, 6).settled_sales_fen == -43_333


def test_refund_before_its_order_takes_it_back_when_it_comes(
    integrator: Client, as_guide: Client, till: Source, store: Store, guide: Staff
) -> None:
    lines = [{"line_no": 1, "order_line": 2, "amount": 5_650}]
    push(integrator, till, "refunds", back(store, order="S-1", lines=lines))
    assert in_month(store, 6).settled_sales_fen == -5_650  # no tax is known yet
    push(integrator, till, "orders", sale(store, guide))
    assert in_month(store, 6) == Sold(0, -5_000, 0, 0)
    assert in_month(store, 5).net_sales_fen == 38_333
    assert as_guide.get(f"/v1/refunds/{receipt('refund').id}").json["state"] == "given_back"


def test_cancelled_refund_gives_nothing_back(integrator: Client, till: Source, store: Store, guide: Staff) -> None:
    push(integrator, till, "orders", sale(store, guide))
    item = back(store, order="S-1")
    push(integrator, till, "refunds", item)
    assert in_month(store, 5).net_sales_fen == 0
    push(integrator, till, "refunds", {**item, "version": 2, "cancelled": True})
    assert in_month(store, 5) == Sold(43_333, 43_333, 1, 4)
    assert in_month(store, 6) == Sold()


def test_refund_in_another_store_lessens_that_stores_day(
    integrator: Client, till: Source, store: Store, guide: Staff
) -> None:
    other = make.store()
    push(integrator, till, "orders", sale(store, guide))
    push(integrator, till, "refunds", back(other, order="S-1"))
    assert in_month(store, 6) == Sold()
    assert in_month(other, 6) == Sold(0, -43_333, 0, -4)
    credit = sold_by_guides([other.id], first=date(2026, 6, 1), last=date(2026, 6, 30))
    assert credit[other.id, guide.id, "CNY"].settled_sales_fen == -43_333


def test_other_currency_gives_nothing_back_when_its_order_comes_later(
    integrator: Client, as_guide: Client, till: Source, store: Store, guide: Staff
) -> None:
    push(integrator, till, "refunds", back(store, order="S-1", currency="HKD", lines=[{"line_no": 1, "order_line": 1,
         "amount": 100}]))  # fmt: skip
    push(integrator, till, "orders", sale(store, guide))
    assert as_guide.get(f"/v1/refunds/{receipt('refund').id}").json["state"] == "other_currency"
    assert receipt("refund").net_fen == 0
    assert in_month(store, 5).net_sales_fen == 43_333


def test_exchange_names_each_other(
    integrator: Client, as_guide: Client, till: Source, store: Store, guide: Staff
) -> None:
    push(integrator, till, "orders", sale(store, guide), sale(store, guide, external_id="S-2", exchange="R-1"))
    push(integrator, till, "refunds", back(store, order="S-1"))
    refund, new = receipt("refund"), receipt("sale", "S-2")
    assert as_guide.get(f"/v1/refunds/{refund.id}").json["exchange_order_id"] == str(new.id)
    assert as_guide.get(f"/v1/orders/{new.id}").json["exchange_refund_id"] == str(refund.id)


def test_negative_lines_are_returns_of_who_is_named_and_of_nobody_else(
    integrator: Client, till: Source, store: Store, guide: Staff
) -> None:
    """An exchange on one receipt, its first sale unknown; the customer's own guide has no part in it."""
    owner = make.guide(store_id=store.id)
    make.bound_customer(guide=owner, member_no="M1")
    lines = [make.line(1, paid=9_900), make.line(2, quantity=-1, paid=-31_900)]
    push(integrator, till, "orders", sale(store, guide, lines=lines, member_no="M1"))
    assert in_month(store, 5) == Sold(-22_000, -22_000, 1, 0)
    push(integrator, till, "orders", sale(store, guide, external_id="S-2", lines=lines, member_no="M1", serving=[]))
    credit = with_sellers(OrderLine.net_fen, Credit.beneficiary_id).where(Order.external_id == "S-2")
    credited = sorted((row[0], row[1]) for row in db.session.execute(credit))
    assert credited == [(-31_900, None), (9_900, owner.id)]


def test_negative_line_that_names_its_sale_reverses_what_that_earned(
    integrator: Client, till: Source, store: Store, guide: Staff
) -> None:
    seller = make.guide(store_id=store.id)
    make.plan_version({"rate_bp": 1_000})
    returned = make.line(1, quantity=-1, paid=-11_111, original={"order": "S-1", "line": 1})
    push(integrator, till, "orders", sale(store, guide, external_id="S-2", lines=[returned], ordered_at=REFUND_AT))
    make.post_all()
    assert balances() == {}
    push(integrator, till, "orders", sale(store, seller))
    make.post_all()
    assert balances()[seller.id] == 2_222 + 1_000  # 10 % of 22,222 and of 10,000
    assert guide.id not in balances()
    assert in_month(store, 6) == Sold(0, -11_111, 0, -1)


@pytest.mark.parametrize(
    "line",
    [
        make.line(1, quantity=1, paid=-1),
        make.line(1, quantity=-1, paid=1),
        make.line(1, quantity=-1, paid=-100, tax=-101),
        make.line(1, quantity=-1, paid=-100, tax=1),
        make.line(1, quantity=1, paid=100, original={"order": "S-1", "line": 1}),
    ],
)
def test_line_of_two_signs_is_crooked(
    integrator: Client, till: Source, store: Store, guide: Staff, line: dict[str, Any]
) -> None:
    [told] = push(integrator, till, "orders", sale(store, guide, lines=[line]))
    assert told["code"] == "crooked_line"


def test_pay_is_taken_back_to_the_fen(store: Store, guide: Staff, till: Source) -> None:
    """Three pieces of 33,333 at 3 %, one by one: 1,000 earned, 333 + 334 + 333 taken back."""
    make.plan_version({"rate_bp": 300})
    make.take_orders(till, [sale(store, guide, lines=[make.line(1, paid=33_333, quantity=3)])])
    make.post_all()
    left = []
    for number in (1, 2, 3):
        lines = [{"line_no": 1, "order_line": 1, "quantity": 1}]
        make.take_refunds(till, [back(store, external_id=f"R-{number}", order="S-1", lines=lines)])
        make.post_all()
        left.append(balances().get(guide.id, 0))
    assert left == [667, 333, 0]


def test_credit_that_moves_takes_the_reversal_along(store: Store, guide: Staff, till: Source) -> None:
    make.plan_version({"rate_bp": 1_000})
    other = make.guide(store_id=store.id)
    make.take_orders(till, [sale(store, guide)])
    make.take_refunds(till, [back(store, order="S-1", lines=[{"line_no": 1, "order_line": 2, "amount": 5_650}])])
    make.post_all()
    assert balances()[guide.id] == 3_333 + 500
    make.take_orders(till, [sale(store, other, version=2)])
    make.post_all()
    assert {owner: fen for owner, fen in balances().items() if owner} == {other.id: 3_833}


def test_refund_and_its_order_of_the_same_moment_find_each_other(
    app: GuideApp, store: Store, guide: Staff, till: Source
) -> None:
    def order(name: str) -> None:
        item = msgspec.convert(sale(store, guide, external_id=name), OrderItem)
        ingest_orders(source=till.code, items=[(0, item)], now=clock.now())

    def refund(name: str, of: str) -> None:
        item = msgspec.convert(back(store, external_id=name, order=of), RefundItem)
        ingest_refunds(source=till.code, items=[(0, item)], now=clock.now())

    race(app, lambda: order("S-1"), lambda: refund("R-1", "S-1"))
    race(app, lambda: refund("R-2", "S-2"), lambda: order("S-2"))
    assert in_month(store, 5).net_sales_fen == 0
    assert in_month(store, 6).settled_sales_fen == -2 * 43_333


VERSIONS = st.fixed_dictionaries(
    {
        "served": st.sampled_from(["first", "second", "nobody"]),
        "paid": st.sampled_from([9_999, 30_000, 1]),
        "quantity": st.sampled_from([1, 3]),
    }
)
REFUNDS = st.fixed_dictionaries(
    {
        "order": st.sampled_from(["S-1", "S-2", None]),
        "hour": st.integers(0, 5),
        "what": st.sampled_from(["whole", "piece", "amount", "sku"]),
        "fee": st.sampled_from([0, 7]),
        "cancelled": st.booleans(),
    }
)
FACTS = st.lists(
    st.tuples(st.just("order"), st.sampled_from(["S-1", "S-2"]), VERSIONS)
    | st.tuples(st.just("refund"), st.sampled_from(["R-1", "R-2", "R-3"]), REFUNDS),
    min_size=2,
    max_size=7,
)


@given(FACTS, st.randoms(use_true_random=False))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=8)
def test_any_order_of_arrival_comes_to_the_same(store: Store, guide: Staff, facts: Any, random: Any) -> None:
    """Orders, corrections, refunds and their corrections, some of them twice, posted in between: one final state."""
    people = _people(store, guide)
    items = [_item(kind, name, version, said, store, people) for version, (kind, name, said) in enumerate(facts, 1)]
    told = []
    for arriving in (items, random.sample(items, len(items)) + random.sample(items, 1)):
        till = make.order_source()
        for kind, item in arriving:
            take = make.take_orders if kind == "order" else make.take_refunds
            take(till, [item])
            if random.random() < 0.5:
                _post(till)
        _post(till)
        told.append(_standing(till))
    assert told[0] == told[1]


def _people(store: Store, guide: Staff) -> dict[str, Staff]:
    if not db.session.scalar(select(OrderPosting.order_id).limit(1)):
        make.plan_version({"rate_bp": 333})
    known = db.session.scalars(select(Staff).where(Staff.store_id == store.id, Staff.id != guide.id)).first()
    return {"first": guide, "second": known or make.guide(store_id=store.id)}


def _item(kind: str, name: str, version: int, said: Any, store: Store, people: dict[str, Staff]) -> Any:
    if kind == "order":
        lines = [make.line(1, paid=said["paid"], quantity=said["quantity"]), make.line(2, paid=1_130, tax=130)]
        served = people.get(said["served"])
        return kind, sale(store, served, external_id=name, version=version, lines=lines)  # type: ignore[arg-type]
    lines = {
        "whole": [],
        "piece": [{"line_no": 1, "order_line": 1, "quantity": 1}],
        "amount": [{"line_no": 1, "order_line": 2, "amount": 565}, {"line_no": 2, "order_line": 9, "amount": 5}],
        "sku": [{"line_no": 1, "sku": "SKU-2", "quantity": 1, "amount": 300}],
    }[said["what"] if said["order"] else "sku"]
    at = REFUND_AT + timedelta(hours=said["hour"])
    return kind, back(
        store, external_id=name, version=version, order=said["order"], refunded_at=at, lines=lines,
        fee=said["fee"], cancelled=said["cancelled"],
        serving=[{"staff_no": people["second"].staff_no, "share_bp": 10_000}],
    )  # fmt: skip


def _post(till: Source) -> None:
    with unit_of_work():
        post_orders(db.session.scalars(select(Order.id).where(Order.source_id == till.id)).all())


def _standing(till: Source) -> Any:
    """Facts and pay of one source, without ids."""
    columns = (
        Order.receipt_kind, Order.external_id, Order.source_version, Order.net_fen, Order.net_sales_fen,
        OrderLine.line_no, OrderLine.quantity, OrderLine.net_fen, OrderLine.net_sales_fen, OrderLine.tax_fen,
        OrderLine.kept_fen, OrderLine.sku_code, Credit.beneficiary_id, Credit.share_bp,
        AttributionDecision.reason,
    )  # fmt: skip
    sold = OrderLine.quantity != 0, OrderLine.net_fen != 0, OrderLine.net_sales_fen != 0
    kept = with_sellers(*columns).where(Order.source_id == till.id, sold[0] | sold[1] | sold[2])
    return sorted(map(repr, db.session.execute(kept))), _paid(till)


def _paid(till: Source) -> Any:
    statement = text("""
        SELECT e.guide_id, o.receipt_kind, o.external_id, l.line_no,
               sum(CASE a.kind WHEN 'guide_payable' THEN e.amount_fen ELSE -e.amount_fen END)::bigint AS fen
        FROM ledger_entry e JOIN ledger_account a ON a.id = e.credit_account_id
        JOIN order_line l ON l.id = e.order_line_id JOIN sales_order o ON o.id = l.order_id
        WHERE o.source_id = :source_id GROUP BY 1, 2, 3, 4
    """)
    return sorted(tuple(row) for row in db.session.execute(statement, {"source_id": till.id}) if row.fen)


def test_more_than_was_sold_is_taken_and_marked_whichever_comes_first(
    integrator: Client, as_guide: Client, till: Source, store: Store, guide: Staff
) -> None:
    """Three pieces for 333.33, and one for 113.00, were sold."""
    lines = {
        "PIECES": [{"order_line": 1, "quantity": 4}],
        "PIECES-BY-AMOUNT": [{"order_line": 2, "quantity": 2, "amount": 100}],
        "MONEY": [{"order_line": 2, "amount": 11_201}],
        "NOTHING": [{"order_line": 9, "quantity": 1}],
        "SOUND": [{"order_line": 2, "amount": 99}],
    }
    codes = dict.fromkeys(("PIECES", "PIECES-BY-AMOUNT"), "more_pieces_than_sold")
    codes |= {"MONEY": "more_money_than_paid", "NOTHING": "no_such_order_line"}
    items = {
        name: back(
            store, external_id=name, order="S-1", lines=[{**line, "line_no": 1} for line in said],
            refunded_at=REFUND_AT + timedelta(hours=number),
        )
        for number, (name, said) in enumerate(lines.items())
        if name != "SOUND"
    }  # fmt: skip
    sound = back(store, external_id="SOUND", order="S-1", lines=[{**lines["SOUND"][0], "line_no": 1}])
    sound |= {"refunded_at": SALE_AT.isoformat()}
    early, late = [items["PIECES"], items["MONEY"]], [items["PIECES-BY-AMOUNT"], items["NOTHING"], sound]
    assert {one.get("code") for one in push(integrator, till, "refunds", *early)} == {None}
    push(integrator, till, "orders", sale(store, guide))
    told = {one["external_id"]: (one["outcome"], one.get("code")) for one in push(integrator, till, "refunds", *late)}
    assert told == {one["external_id"]: ("created", codes.get(one["external_id"])) for one in late}
    for name in lines:
        refund = as_guide.get(f"/v1/refunds/{receipt('refund', name).id}").json
        assert (refund["lines"][0]["doubt"], refund["doubtful"]) == (codes.get(name), name in codes)
    # Three pieces, one, and the one of a line that nobody knows.
    assert in_month(store, 6).units == -5
    # Once fewer were given back, nothing is doubtful any more.
    push(integrator, till, "refunds", {**items["PIECES-BY-AMOUNT"], "version": 2, "cancelled": True})
    push(integrator, till, "refunds", {**sound, "version": 2, "cancelled": True})
    assert as_guide.get(f"/v1/refunds/{receipt('refund', 'MONEY').id}").json["doubtful"] is False
