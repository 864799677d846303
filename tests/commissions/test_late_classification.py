"""A line earns the same commission whether its order or its product comes first."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rq import Queue
from sqlalchemy import select, text

from catalog.formats.pieces import UNBRANDED, UNSORTED
from kit import clock, jobs
from kit.db import db, unit_of_work
from models import Brand, Category, LedgerEntry, Order, OrderLine, Source, Staff, Store
from orders import service
from orders.queries.unclassified import ARRIVED, CHANGED
from tests import make
from tests.client import Client
from tests.commissions.ledger import balances, entries

GIFTS = {"brand": "木槿堂", "category": ["礼盒", "节日"]}
RULES = ({"category": "礼盒", "rate_bp": 500}, {"brand": "木槿堂", "rate_bp": 450}, {"rate_bp": 300})


@pytest.fixture
def store(guide: Staff) -> Store:
    make.plan_version(*RULES)
    return db.session.get_one(Store, guide.store_id)


def sale(store: Store, guide: Staff, **fields: Any) -> dict[str, Any]:
    return make.order_item(store=store, served_by=guide, lines=[make.line(1, sku="NEW-SKU-777")], **fields)


def bring(**fields: Any) -> Source:
    """The source that brings the product."""
    source = make.source()
    make.sync(source, make.product_item(external_id="P", sku_codes=["NEW-SKU-777"], **{**GIFTS, **fields}))
    return source


def classify() -> int:
    with unit_of_work():
        return service.classify_arrived(limit=100, now=clock.now())


def follow() -> int:
    with unit_of_work():
        return service.follow_products(limit=100, now=clock.now())


def posted() -> list[tuple[int, str | None, int]]:
    """Amount, reason and rate of each entry; reversals are negative."""
    expense = "SELECT id FROM ledger_account WHERE kind = 'commission_expense'"
    [chain] = db.session.scalars(text(expense))
    signed = [(e.amount_fen if e.debit_account_id == chain else -e.amount_fen, e.reason, e.rate_bp) for e in entries()]
    return sorted(signed, key=lambda entry: (entry[0], entry[1] or ""))


def test_product_that_comes_later_is_paid_for_by_a_worker(
    client: Client, as_guide: Client, integrator: Client, store: Store, guide: Staff, run_jobs: Callable[[], None]
) -> None:
    till, feed = make.order_source(), make.source()
    order = {"items": [sale(store, guide, external_id="E-1")]}
    assert integrator.post(f"/v1/sources/{till.code}/orders", json=order).json["items"][0]["outcome"] == "created"
    make.post_all()
    assert posted() == [(300, None, 300)]
    sku = {"code": "NEW-SKU-777", "price": 10_000}
    product = {"external_id": "NEWP-777", "version": 1, "title": "新品", "brand": "木槿堂", "category": "礼盒 > 节日"}
    product |= {"shelf_status": "on_shelf", "skus": [sku]}
    pusher = client.with_token(make.api_key(scopes=["products:write"]))
    pushed = pusher.post(f"/v1/sources/{feed.code}/products", json={"items": [product]})
    assert pushed.json["items"][0]["outcome"] == "created", pushed.text
    for name in ("orders.jobs:classify_arrived", "commissions.jobs:post_changed_orders"):
        # Past the scheduler's push, whose jobs expire when the next run is due.
        Queue("default", connection=jobs.connection()).enqueue(jobs.perform, name, {})
        run_jobs()
    assert posted() == [(-300, "late_classification", 300), (300, None, 300), (500, "late_classification", 500)]
    assert balances()[guide.id] == 500
    told = as_guide.get("/v1/commissions/entries").json["items"]
    assert sorted((entry["amount"]["amount"], entry["reason"] or "") for entry in told) == [
        (-300, "late_classification"), (300, ""), (500, "late_classification")
    ]  # fmt: skip
    again = {"items": [{**order["items"][0], "version": 2}]}
    integrator.post(f"/v1/sources/{till.code}/orders", json=again)
    assert make.post_all() == 0


def test_nothing_is_found_twice_and_what_stays_unknown_stays(store: Store, guide: Staff) -> None:
    till = make.order_source()
    make.take_orders(till, [sale(store, guide), make.order_item(store=store, lines=[make.line(sku="NEVER")])])
    assert classify() == 0
    bring()
    assert (classify(), classify(), follow()) == (1, 0, 0)
    lines = {line.sku_code: line for line in db.session.scalars(select(OrderLine))}
    assert lines["NEVER"].sku_id is None
    found = lines["NEW-SKU-777"]
    assert (found.sku_id is None, found.classified_revision) == (False, 2)
    assert found.product_title.startswith("商品")
    assert db.session.get_one(Category, found.category_id).path == "礼盒 > 节日"
    assert db.session.get_one(Order, found.order_id).revision == 2


def test_newer_version_of_the_order_classifies_with_that_reason(store: Store, guide: Staff) -> None:
    till, item = make.order_source(), sale(store, guide)
    make.take_orders(till, [item])
    make.post_all()
    bring()
    make.take_orders(till, [{**item, "version": 2}])
    make.post_all()
    assert posted() == [(-300, "late_classification", 300), (300, None, 300), (500, "late_classification", 500)]
    make.take_orders(till, [{**item, "version": 3, "lines": [make.line(1, sku="NEW-SKU-777", paid=2_000)]}])
    make.post_all()
    assert (-400, None, 500) in posted()


def test_what_was_never_posted_unclassified_needs_no_reason(store: Store, guide: Staff) -> None:
    make.take_orders(make.order_source(), [sale(store, guide)])
    bring()
    assert classify() == 1
    make.post_all()
    assert posted() == [(500, None, 500)]


def test_plan_approved_after_classifying_is_no_late_classification(store: Store, guide: Staff) -> None:
    make.take_orders(make.order_source(), [sale(store, guide)])
    make.post_all()
    bring()
    classify()
    make.post_all()
    make.plan_version({"rate_bp": 100})
    make.post_all()
    assert [reason for amount, reason, _ in posted() if amount == 100] == [None]


def test_only_lines_sold_unknown_follow_their_product(store: Store, guide: Staff) -> None:
    till = make.order_source()
    make.take_orders(till, [sale(store, guide, external_id="BEFORE")])
    source = bring()
    classify()
    make.take_orders(till, [sale(store, guide, external_id="AFTER")])
    moved = make.product_item(external_id="P", sku_codes=["NEW-SKU-777"], version=2, brand="木槿堂", category=["身体"])
    make.sync(source, moved)
    assert (follow(), follow(), classify()) == (1, 0, 0)
    make.post_all()
    statement = select(Order.external_id, LedgerEntry.rate_bp).join(OrderLine, OrderLine.order_id == Order.id)
    statement = statement.join(LedgerEntry, LedgerEntry.order_line_id == OrderLine.id)
    assert dict(db.session.execute(statement).all()) == {"BEFORE": 450, "AFTER": 500}


def test_line_that_names_another_sku_is_as_if_sold_with_it(store: Store, guide: Staff) -> None:
    till, item = make.order_source(), sale(store, guide)
    make.take_orders(till, [item])
    bring()
    classify()
    make.product(sku_codes=["OTHER"], brand="别家")
    make.take_orders(till, [{**item, "version": 2, "lines": [make.line(1, sku="OTHER")]}])
    line = db.session.scalars(select(OrderLine)).one()
    assert line.classified_revision is None
    assert db.session.get_one(Brand, line.brand_id).name == "别家"


def test_barcode_finds_its_sku_whether_the_product_comes_before_or_after(store: Store, guide: Staff) -> None:
    """Also one that a source of a lower rank has, or a code that is written another way; the line is the SKU's then."""
    till, barcode, other = make.order_source(), "6901234000016", "6909999000011"
    lines = [make.line(n, sku=told) for n, told in enumerate((f"0{barcode}", other, " new-sku-777"), start=1)]
    item = make.order_item(store=store, served_by=guide, external_id="BEFORE", lines=lines)
    make.take_orders(till, [item])
    make.post_all()
    assert balances()[guide.id] == 900
    brand, shop = make.source(rank=1), make.source(rank=2)
    for source, code in ((brand, barcode), (shop, other)):
        product = make.product_item(external_id="P", sku_codes=["NEW-SKU-777"], **GIFTS)
        sku = msgspec.structs.replace(product.skus[0], barcode=code)
        make.sync(source, msgspec.structs.replace(product, skus=[sku]))
    assert classify() == 3
    make.take_orders(till, [{**item, "external_id": "AFTER"}, {**item, "version": 2}])
    make.post_all()
    assert balances()[guide.id] == 2 * 1_500
    kept = db.session.execute(select(OrderLine.sku_code, OrderLine.told_code).order_by(OrderLine.line_no)).all()
    assert [tuple(row) for row in kept] == [
        ("NEW-SKU-777", line["sku"]) for line in lines for _ in range(2)
    ]  # fmt: skip
    back = {"external_id": "R", "order": "BEFORE", "lines": [{"line_no": 1, "sku": other, "quantity": 1}]}
    make.take_refunds(till, [make.refund_item(store=store, **back)])
    make.post_all()
    assert (balances()[guide.id], classify(), follow()) == (2_500, 0, 0)


def test_brand_and_category_that_become_known_later_are_followed_and_moves_are_not(store: Store, guide: Staff) -> None:
    till, source = make.order_source(), make.source()
    unsorted = {"brand": UNBRANDED, "category": UNSORTED}
    bring_to(source, version=1, **unsorted)
    make.take_orders(till, [sale(store, guide, external_id="EARLY")])
    make.post_all()
    assert (posted(), follow()) == ([(300, None, 300)], 0)
    bring_to(source, version=2, **GIFTS)
    make.take_orders(till, [sale(store, guide, external_id="LATE")])
    assert (follow(), follow()) == (1, 0)
    make.post_all()
    assert posted() == [
        (-300, "late_classification", 300), (300, None, 300), (500, None, 500), (500, "late_classification", 500)
    ]  # fmt: skip
    # What was known when it was sold stays so; the other line follows on.
    bring_to(source, version=3, brand="木槿堂", category=["护肤"])
    assert (follow(), follow()) == (1, 0)
    make.post_all()
    assert balances()[guide.id] == 500 + 450


def bring_to(source: Source, **fields: Any) -> None:
    make.sync(source, make.product_item(external_id="P", sku_codes=["NEW-SKU-777"], **fields))


EVENTS = st.permutations(["first", "second", "again", "product", "classify", "classify", "post", "post", "follow"])


@given(EVENTS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=8)
def test_any_order_of_arrival_gives_the_same_commission(store: Store, events: list[str]) -> None:
    guide, till, code = make.guide(store_id=store.id), make.order_source(), f"S{make.order_source().code}"
    item = make.order_item(store=store, served_by=guide, lines=[make.line(1, sku=code), make.line(2, sku="NEVER")])
    other = make.order_item(store=store, served_by=guide, lines=[make.line(1, sku=code, paid=777)])
    what: dict[str, Callable[[], object]] = {
        "first": lambda: make.take_orders(till, [item]),
        "again": lambda: make.take_orders(till, [{**item, "version": 2}]),
        "second": lambda: make.take_orders(till, [other]),
        "product": lambda: make.sync(make.source(), make.product_item(sku_codes=[code], **GIFTS)),
        "classify": classify,
        "follow": follow,
        "post": make.post_all,
    }
    for event in events:
        what[event]()
    classify()
    make.post_all()
    assert balances()[guide.id] == 500 + 300 + 39
    assert make.post_all() == classify() == follow() == 0
    assert sum(balances().values()) == 0


def test_finding_nothing_reads_next_to_nothing(store: Store, guide: Staff) -> None:
    """However many lines are known, and however often one unknown code was sold."""
    till = make.order_source()
    make.product(sku_codes=["KNOWN"])
    unknown = [make.line(number, sku="NEVER") for number in range(1, 301)]
    known = [make.line(number, sku="KNOWN") for number in range(301, 601)]
    make.take_orders(till, [make.order_item(store=store, served_by=guide, lines=[*unknown, *known])])
    with unit_of_work():
        db.session.execute(text("ANALYZE order_line"))
        db.session.execute(text("SET LOCAL enable_seqscan = off"))  # the table is small here
        for statement in (ARRIVED, CHANGED):
            explain = text(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement.text}")
            [plan] = db.session.scalar(explain, {"limit": 100}) or []
            assert rows_read(plan["Plan"]) < 20, plan


def rows_read(node: dict[str, Any]) -> int:
    """Of lines, by all the scans of a plan."""
    own = node.get("Actual Rows", 0) * node.get("Actual Loops", 1) if node.get("Relation Name") == "order_line" else 0
    own += node.get("Rows Removed by Filter", 0) * node.get("Actual Loops", 1)
    return int(own) + sum(rows_read(child) for child in node.get("Plans", []))
