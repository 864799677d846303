"""What a line and its receipt keep: kinds, tag price, cost, coupons, weight, tenders, discounts, currencies, ids."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from kit.db import db
from models import Order, OrderLine, Source, Staff, Store
from orders.incoming import number_of
from orders.queries import sold_by_guides, sold_by_stores
from orders.queries.credited import Sold
from orders.rules.amounts import Priced, Worth, converted, less_discount, tag_amount
from tests import make
from tests.client import Client

AT = datetime(2026, 5, 10, 4, tzinfo=UTC)
LONG_ID = "gid://shop/LineItem/123456789012345678901234567890"
EVERYTHING: dict[str, Any] = {
    "discount": 1_000,
    "coupons": [{"amount": 600, "borne_by": "platform", "name": "满减"}],
    "tenders": [{"kind": "cash", "amount": 20_000}, {"kind": "wechat", "amount": 49_000}],
    "staff_purchase": True,
    "lines": [
        make.line(
            1, paid=20_000, tax=2_000, discount=5_000, tag_price=25_000, cost=8_000,
            coupons=[{"amount": 5_000, "borne_by": "brand"}],
        ),
        {"external_line_id": LONG_ID, "sku": "SKU-9", "quantity": 1,
         "paid": 10_000, "tag_price": 8_000, "weight_milli": 1_250, "kind": "service"},
        make.line(3, paid=30_000, kind="stored_value"),
        make.line(4, paid=5_000, kind="gift_card"),
        make.line(5, paid=4_000, kind="deposit"),
        make.line(6, paid=1_000, kind="freight"),
    ],
}  # fmt: skip


@pytest.fixture
def store(guide: Staff) -> Store:
    return db.session.get_one(Store, guide.store_id)


@pytest.fixture
def till(app: object) -> Source:
    return make.order_source()


def told(till: Source, *items: dict[str, Any]) -> list[tuple[str, str | None]]:
    return [(one["outcome"], one.get("code")) for one in make.take_orders(till, list(items))]


def in_may(store: Store) -> Sold:
    day = AT.date()
    found = sold_by_stores([store.id], first=day, last=day)
    sold = found[store.id, store.currency]
    [credited] = sold_by_guides([store.id], first=day, last=day).values()
    assert credited == (sold.net_sales_fen, sold.settled_sales_fen, 10_000 * sold.orders, 10_000 * sold.units)
    return sold


def test_a_receipt_keeps_all_that_was_told_and_counts_goods_and_services_only(
    client: Client, as_guide: Client, till: Source, store: Store, guide: Staff
) -> None:
    item = make.order_item(store=store, served_by=guide, external_id="S", ordered_at=AT, **EVERYTHING)
    assert told(till, item, item) == [("created", None), ("unchanged", None)]
    order = db.session.scalars(select(Order)).one()
    shown = as_guide.get(f"/v1/orders/{order.id}").json
    fen = {name: shown[name]["amount"] for name in ("paid", "net", "net_sales")}
    # The thousand off falls on goods and services: 667 and 333, and 67 of the tax with it.
    assert fen == {"paid": 69_000, "net": 27_067, "net_sales": 27_067}
    assert shown["staff_purchase"] is True
    assert [(one["kind"], one["amount"]["amount"]) for one in shown["tenders"]] == [
        ("cash", 20_000), ("wechat", 49_000)
    ]  # fmt: skip
    assert [(one["borne_by"], one["name"]) for one in shown["coupons"]] == [("platform", "满减")]
    lines = {line["sku_code"]: line for line in shown["lines"]}
    first, weighed = lines["SKU-1"], lines["SKU-9"]
    assert {name: first[name]["amount"] for name in ("paid", "tax", "net", "discount", "tag")} == {
        "paid": 19_333, "tax": 1_933, "net": 17_400, "discount": 5_667, "tag": 25_000
    }  # fmt: skip
    assert [one["borne_by"] for one in first["coupons"]] == ["brand"]
    assert (weighed["external_line_id"], weighed["weight_milli"], weighed["quantity"]) == (
        LONG_ID, 1_250, 1
    )  # fmt: skip
    assert (weighed["tag"]["amount"], weighed["line_no"]) == (10_000, number_of(weighed["external_line_id"]))
    kinds = {kind: lines[sku] for kind, sku in zip(("stored_value", "gift_card"), ("SKU-3", "SKU-4"), strict=True)}
    for kind, line in kinds.items():
        assert (line["kind"], line["net"]["amount"], line["net_sales"]["amount"]) == (kind, 0, 0)
    assert in_may(store) == Sold(27_067, 27_067, 1, 2)
    # What it cost is for finance.
    assert first["cost"] is None
    for role, cost in (("hq_finance", 8_000), ("auditor", 8_000), ("hq_commission", None), ("hq_admin", None)):
        seen = client.sign_in(make.staff(roles=[role])).get(f"/v1/orders/{order.id}").json
        assert [line["cost"] and line["cost"]["amount"] for line in seen["lines"] if line["line_no"] == 1] == [cost]


def test_a_receipt_of_stored_value_alone_is_no_sale_and_its_refund_takes_nothing_from_sales(
    till: Source, store: Store, guide: Staff
) -> None:
    item = make.order_item(store=store, served_by=guide, external_id="S", ordered_at=AT, **EVERYTHING)
    top_up = {**item, "external_id": "T", "lines": [make.line(paid=50_000, kind="stored_value")], "tenders": []}
    assert told(till, item, top_up | {"discount": 0, "coupons": []}) == [("created", None)] * 2
    sold = in_may(store)
    assert (sold.orders, sold.net_sales_fen) == (1, 27_067)
    refunds = [
        make.refund_item(store=store, external_id="R-1", order="T", refunded_at=AT),
        make.refund_item(
            store=store, external_id="R-2", order="S", refunded_at=AT, lines=[
                {"line_no": 1, "order_line": 3, "amount": 10_000},
                {"external_line_id": "back-1", "order_external_line_id": LONG_ID, "quantity": 1},
            ],
        ),
        make.refund_item(
            store=store, external_id="R-3", refunded_at=AT,
            lines=[{"line_no": 1, "sku": "CARD", "amount": 700, "kind": "gift_card"}],
        ),
    ]  # fmt: skip
    assert {one["outcome"] for one in make.take_refunds(till, refunds)} == {"created"}
    paid = {
        order.external_id: sum(line.paid_fen for line in lines)
        for order in db.session.scalars(select(Order))
        if (lines := db.session.scalars(select(OrderLine).where(OrderLine.order_id == order.id)).all())
    }
    assert paid == {"S": 69_000, "T": 50_000, "R-1": -50_000, "R-2": -10_000 - 9_667, "R-3": -700}
    assert in_may(store) == Sold(17_400, 17_400, 1, 1)


def test_a_receipt_in_another_currency_is_taken_at_the_rate_that_it_tells(
    as_guide: Client, till: Source, store: Store, guide: Staff
) -> None:
    lines = [make.line(1, paid=1_000, tax=100, cost=301), make.line(2, paid=333)]
    foreign = {"currency": "USD", "rate": {"given": 100, "worth": 713}, "lines": lines, "discount": 0}
    tenders = [{"kind": "card", "amount": 1_333}]
    item = make.order_item(store=store, served_by=guide, ordered_at=AT, tenders=tenders, **foreign)
    assert told(till, item) == [("created", None)]
    order = db.session.scalars(select(Order)).one()
    shown = as_guide.get(f"/v1/orders/{order.id}").json
    assert [line["paid"] for line in shown["lines"]] == [{"amount": n, "currency": "CNY"} for n in (7_130, 2_374)]
    assert shown["tenders"][0]["amount"] == {"amount": 1_333, "currency": "USD"}
    assert shown["rate"] == {"currency": "USD", "given": 100, "worth": 713}
    assert shown["net"]["amount"] == 7_130 - 713 + 2_374


def test_headquarters_says_which_channels_there_are_and_whether_other_currencies_are_taken(
    client: Client, as_guide: Client, till: Source, store: Store
) -> None:
    admin = client.sign_in(make.staff(roles=["hq_admin"]))
    before = as_guide.get("/v1/order-settings")
    assert before.json == {"channels": [], "foreign_currency": True, "version": 1}
    settings = {"channels": ["pos", "live", "pos"], "foreign_currency": False}
    put = admin.put("/v1/order-settings", json=settings, headers={"If-Match": before.headers["ETag"]})
    assert put.json == {"channels": ["pos", "live"], "foreign_currency": False, "version": 2}
    again = admin.put("/v1/order-settings", json=settings, headers={"If-Match": before.headers["ETag"]})
    assert again.status_code == 412
    item = make.order_item(store=store)
    foreign = {"external_id": "F", "currency": "USD", "rate": {"given": 1, "worth": 7}}
    assert told(till, item, {**item, "external_id": "X", "channel": "fax"}, {**item, **foreign}) == [
        ("created", None), ("rejected", "unknown_channel"), ("rejected", "foreign_currency_refused")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"lines": [make.line(line_no=None)]}, "crooked_line.nameless"),
        ({"lines": [make.line(1, external_line_id="a")]}, "crooked_line.two_names"),
        ({"lines": [make.line(1, cost=-1)]}, "crooked_line.cost"),
        ({"lines": [make.line(1, discount=5, coupons=[{"amount": 6, "borne_by": "mall"}])]}, "crooked_line.coupons"),
        ({"lines": [make.line(1, quantity=-1, paid=-5, original={"order": "S"})]}, "crooked_line.original_line"),
        ({"discount": 10_001}, "crooked_order.discount"),
        ({"discount": 5, "coupons": [{"amount": 6, "borne_by": "bank"}]}, "crooked_order.coupons"),
        ({"tenders": [{"kind": "cash", "amount": 9_999}]}, "crooked_order.tenders"),
        ({"rate": {"given": 1, "worth": 1}}, "crooked_order.rate"),
        ({"currency": "USD"}, "rate_missing"),
        ({"currency": "USD", "rate": {"given": 1, "worth": 10**9}}, "crooked_order.too_much"),
    ],
)
def test_what_does_not_add_up_is_refused(till: Source, store: Store, changes: dict[str, Any], code: str) -> None:
    [outcome] = make.take_orders(till, [make.order_item(store=store, **changes)])
    assert (outcome["outcome"], outcome["code"], outcome["detail"].word) == ("rejected", code.partition(".")[0], code)


def test_a_refund_names_its_lines_once(till: Source, store: Store) -> None:
    lines: list[dict[str, Any]] = [
        {"order_line": 1, "quantity": 1},
        {"line_no": 1, "external_line_id": "a", "order_line": 1},
    ]
    items = [make.refund_item(store=store, order="S", lines=[line]) for line in lines]
    assert [one["detail"].word for one in make.take_refunds(till, items)] == [
        "crooked_refund.nameless", "crooked_refund.two_names"
    ]  # fmt: skip


AMOUNTS = st.integers(1, 10**9)
LINES = st.lists(
    st.builds(
        lambda counts, paid, tax_bp: Priced(counts, paid, paid * tax_bp // 10_000, 0, None, None),
        st.booleans(), AMOUNTS, st.integers(0, 10_000),
    ),
    min_size=1, max_size=6,
)  # fmt: skip


@given(lines=LINES, part=st.integers(0, 10_000))
def test_a_discount_is_borne_to_the_fen_by_goods_and_services_first(lines: list[Priced], part: int) -> None:
    whole = sum(line.paid for line in lines if line.counts) or sum(line.paid for line in lines)
    discount = whole * part // 10_000
    borne = less_discount(lines, discount)
    assert sum(line.discount for line in borne) == discount
    for before, after in zip(lines, borne, strict=True):
        assert before.paid - after.discount == after.paid >= 0
        assert 0 <= after.tax <= after.paid
        assert not after.discount or before.counts or not any(line.counts for line in lines)


@given(amount=st.integers(-(10**12), 10**12), rate=st.builds(Worth, st.integers(1, 10**9), st.integers(1, 10**9)))
def test_conversion_rounds_half_away_from_zero(amount: int, rate: Worth) -> None:
    found = converted(Priced(True, amount, 0, -amount, None, amount), rate)
    assert found.paid == -found.discount == found.cost
    assert abs(2 * (found.paid * rate.given - amount * rate.worth)) <= rate.given


@pytest.mark.parametrize(
    ("quantity", "milli", "tag"), [(2, None, 200), (-2, None, -200), (1, 1_255, 126), (-1, 1_255, -126), (0, 5, 0)]
)
def test_tag_price_of_pieces_and_weights(quantity: int, milli: int | None, tag: int) -> None:
    assert tag_amount(100, quantity=quantity, weight_milli=milli) == tag
    assert tag_amount(None, quantity=quantity, weight_milli=milli) is None
