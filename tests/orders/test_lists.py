"""Lists of orders: who sees which, every filter, pages, totals, files."""

from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from sqlalchemy import select

from kit.db import db
from models import Order, Staff, Store
from tests import make
from tests.client import Client

AT = datetime(2026, 5, 10, 15, 30, tzinfo=UTC)  # 23:30 in Shanghai


@pytest.fixture
def chain(guide: Staff) -> dict[str, Any]:
    """Orders of two stores and two sources, taken back in part, whole, and not at all."""
    store, far, mate = db.session.get_one(Store, guide.store_id), make.store(), make.guide(store_id=guide.store_id)
    till, shop = make.order_source(), make.order_source()
    line = [make.line(paid=10_000, quantity=2)]
    orders = [
        (till, store, guide, {"external_id": "A", "member_no": "M1"}),
        (till, store, mate, {"external_id": "=B", "channel": "live"}),
        (shop, store, guide, {"external_id": "C", "staff_purchase": True}),
        (till, far, make.guide(store_id=far.id), {"external_id": "D"}),
        (till, store, guide, {"external_id": "E", "lines": [make.line(kind="gift_card")]}),
    ]
    for day, (source, where, who, fields) in enumerate(orders):
        item = {"lines": line, "ordered_at": AT + timedelta(days=day), **fields}
        make.take_orders(source, [make.order_item(store=where, served_by=who, **item)])
    back = [{"line_no": 1, "order_line": 1, "quantity": 1}]
    later = AT + timedelta(days=9)
    make.take_refunds(
        till,
        [
            make.refund_item(store=store, external_id="R-A", order="A", lines=back, refunded_at=later),
            make.refund_item(store=store, external_id="R-B", order="=B", refunded_at=later),
        ],
    )
    return {"store": store, "far": far, "mate": mate, "till": till, "shop": shop}


def names(client: Client, query: str = "") -> list[str]:
    return [row["external_id"] for row in client.get(f"/v1/orders{query}").json["items"]]


def test_orders_in_sight_by_every_filter(
    client: Client, as_guide: Client, as_manager: Client, guide: Staff, chain: dict[str, Any]
) -> None:
    finance = client.sign_in(make.staff(roles=["hq_finance"]))
    assert names(finance) == ["E", "D", "C", "=B", "A"]
    for client_ in (as_guide, as_manager):
        assert names(client_) == ["E", "C", "=B", "A"]
        assert names(client_, f"?store_id={chain['far'].id}") == []
    customer = db.session.scalars(select(Order.customer_id).where(Order.external_id == "A")).one()
    found = {
        "kind=refund": ["R-B", "R-A"],
        f"store_id={chain['far'].id}": ["D"],
        f"guide_id={chain['mate'].id}": ["=B"],
        f"guide_id={guide.id}&store_id={chain['store'].id}": ["E", "C", "A"],
        f"customer_id={customer}": ["A"],
        f"source={chain['shop'].code}": ["C"],
        "source=nothing": [],
        "channel=live": ["=B"],
        "external_id=C": ["C"],
        "state=sold": ["D", "C"],
        "state=partly_returned": ["A"],
        "state=returned": ["=B"],
        "state=nothing": ["E"],
        # Half past eleven at night there is still that day.
        "from=2026-05-11&to=2026-05-12": ["C", "=B"],
        "from=2026-05-14": ["E"],
        "to=2026-05-10": ["A"],
    }
    assert {query: names(finance, f"?{query}") for query in found} == found
    first = finance.get("/v1/orders?limit=2&count=true").json
    assert first["total"] == 5
    assert names(finance, f"?limit=9&cursor={first['next_cursor']}") == ["C", "=B", "A"]
    assert finance.get(f"/v1/orders?state=sold&cursor={first['next_cursor']}").json["code"] == "bad_cursor"
    row = finance.get("/v1/orders?state=partly_returned").json["items"][0]
    assert (row["net"]["amount"], row["net_sales"]["amount"], row["business_day"]) == (10_000, 5_000, "2026-05-10")
    assert finance.get("/v1/orders?external_id=C").json["items"][0]["staff_purchase"] is True


def test_orders_as_files(client: Client, chain: dict[str, Any]) -> None:
    finance = client.sign_in(make.staff(roles=["hq_finance"]))
    text = finance.get("/v1/orders?format=csv&to=2026-05-11").get_data(as_text=True)
    head, *rows = [line.split(",") for line in text.removeprefix("\ufeff").splitlines()]
    assert head[-2:] == ["net", "net_sales"]
    assert [(row[3], *row[-3:]) for row in rows] == [("'=B", "CNY", "100.00", "0.00"), ("A", "CNY", "100.00", "50.00")]
    refunds = finance.get("/v1/orders?format=csv&kind=refund").get_data(as_text=True)
    assert ",-50.00,0.00" in refunds
    book = openpyxl.load_workbook(BytesIO(finance.get("/v1/orders?format=xlsx").data))
    assert [row[3] for row in book.worksheets[0].iter_rows(values_only=True)] == [
        "external_id", "E", "D", "C", "=B", "A"
    ]  # fmt: skip
