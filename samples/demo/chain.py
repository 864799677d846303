"""Loads the demo chain through the rooms' own use cases, and keeps it up to the present day.

A second run brings what happened since the first one, drawn from the seed and the dates; on the same day it brings
the hours that have passed and changes nothing else.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from datetime import date, timedelta
from itertools import pairwise
from multiprocessing import get_context
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

import click
import msgspec
from flask import Flask, current_app
from sqlalchemy import func, select, text

import staff.service as people_service
from catalog import queries as catalog_queries
from catalog import service as catalog_service
from catalog.items import ProductItem, SkuItem
from commissions import service as commission_service
from customers import service as customer_service
from kit import clock
from kit.db import db, unit_of_work
from models import CommissionPlan, Customer, Order, Product, ProductImage, Staff
from orders import service as order_service
from orders.incoming import LineItem, OrderItem, Serving
from orders.incoming_refunds import RefundItem, RefundLineItem
from performance import service as performance_service
from samples.demo import care, history, links, people, planning, sheet
from samples.demo.assortment import Article, Picture, articles
from samples.demo.members import member_file
from samples.demo.people import SEED
from samples.demo.pictures import draw_product
from samples.demo.trade import ZONE, Sale, sales_of
from staff import passwords
from staff.rules import RegionRow, StaffRow, StoreRow
from targets.rules.spreading import last_of_month

P = ParamSpec("P")
T = TypeVar("T")

TRADE_DAYS = 90
# What is loaded in one unit of work.
FIRST_DAYS, DAYS_AT_ONCE = 5, 15
TO_RETURN = timedelta(hours=1)
# People, customers and plans were there before the first receipt.
BEFORE = timedelta(days=120)
BRAND_SOURCE, TILL_SOURCE, PLAN = "shiguang-brand", "shiguang-till", "STANDARD"
RATES: dict[str, tuple[int, dict[str, list[str]]]] = {
    "礼盒": (500, {"categories": ["礼盒"]}),
    "木槿堂": (450, {"brands": ["木槿堂"]}),
    "其他商品": (300, {}),
}

# What the plan pays for a gift box and a cream, checked when it is approved.
EXAMPLE = {
    "name": "礼盒与面霜",
    "facts": {
        "lines": [
            {"net": 59_900, "category": "礼盒", "credits": [{"to": "SH01-01"}]},
            {"net": 31_900, "category": "护肤 > 面霜", "credits": [{"to": "SH01-01"}]},
        ]
    },
    "expected": [{"to": "SH01-01", "amount": 2_995, "rule": "礼盒"}, {"to": "SH01-01", "amount": 3_952}],
}


def load(*, trade_days: int = TRADE_DAYS) -> None:
    """What a newcomer looks at: people, products with pictures, content, tasks, `trade_days` of orders, figures.

    Pictures, what people did, and orders have nothing to do with each other: they come side by side.
    """
    assortment = articles()
    today = clock.now().astimezone(ZONE).date()
    with unit_of_work():
        first_day = _last_day_loaded() or today - timedelta(days=trade_days)
    _load_ground(assortment)
    with unit_of_work():
        missing = _without_picture()
    wanted = [article for article in assortment if article.external_id in missing]
    # Started anew, not forked: what is connected to the database must not be shared.
    with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as painters, ThreadPoolExecutor() as rooms:
        pictures = {scene: painters.submit(_draw, scene) for scene in {article.picture for article in wanted}}
        loads = [
            rooms.submit(_inside(history.load), first_day=first_day, today=today),
            rooms.submit(_inside(_load_orders), first_day, today, assortment),
        ]
        for load_part in loads:
            load_part.result()
        planning.load(today=today)
        care.load(first_day=first_day, today=today)
        links.load(TILL_SOURCE, assortment, first_day=first_day, today=today)
        sheet.load()
        _say("the products' pictures")
        _keep_pictures(wanted, missing, pictures)


def _inside(part: Callable[P, T]) -> Callable[P, T]:
    """`part` for a thread of its own, which has no application yet."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]

    def inside(*args: P.args, **kwargs: P.kwargs) -> T:
        with app.app_context():
            return part(*args, **kwargs)

    return inside


def _load_ground(assortment: list[Article]) -> None:
    """What everything else refers to."""
    for what, part in (
        ("people and stores", _load_people),
        ("products", lambda: _load_products(assortment)),
        ("customers", _load_customers),
        ("the commission plan", _load_plan),
    ):
        _say(what)
        with unit_of_work():
            part()
    _look_at_sizes()


def _say(what: str) -> None:
    click.echo(f"  demo chain: {what}", err=True)


def _look_at_sizes() -> None:
    """Let statements be planned for tables that hold something: those planned while they were empty read them whole."""
    with unit_of_work():
        db.session.execute(text("ANALYZE"))


def _last_day_loaded() -> date | None:
    return db.session.scalar(select(func.max(Order.business_day)))


def _load_people() -> None:
    people_service.import_regions(
        [RegionRow(code=code, name=name, parent_code=parent) for code, name, parent in people.REGIONS]
    )
    people_service.import_stores(
        [
            StoreRow(code=code, name=name, region_code=region, opened_on=people.OPENED)
            for code, name, region in people.STORES
        ]
    )
    # One hash for all: what is public knowledge needs no salt of its own.
    password_hash = passwords.hash_password(people.PASSWORD)
    people_service.import_staff([_staff_row(person, password_hash) for person in people.staff()])


def _staff_row(person: people.Person, password_hash: str) -> StaffRow:
    return StaffRow(
        staff_no=person.staff_no,
        name=person.name,
        roles=person.roles,
        hired_on=people.OPENED,
        store_code=person.store,
        region_code=person.region,
        password_hash=password_hash,
    )


def _load_products(assortment: list[Article]) -> None:
    source = catalog_service.create_source(code=BRAND_SOURCE, name="拾光品牌商品库")
    catalog_service.create_source(code=TILL_SOURCE, name="拾光门店收银")
    items = [_product_item(article) for article in assortment]
    catalog_service.sync_products(source=source, items=items, now=clock.now())


def _product_item(article: Article) -> ProductItem:
    sku = SkuItem(code=article.sku, price=article.price_fen, list_price=article.list_price_fen, barcode=article.barcode)
    return ProductItem(
        external_id=article.external_id,
        version=1,
        title=article.title,
        brand=article.brand,
        category=article.category.split(" > "),
        shelf_status=article.shelf_status,
        reason=article.reason,
        skus=[sku],
    )


def _keep_pictures(
    wanted: Sequence[Article], missing: Mapping[str, UUID], pictures: Mapping[Picture, Future[bytes]]
) -> None:
    with unit_of_work():
        for article in wanted:
            jpeg = pictures[article.picture].result()
            catalog_service.add_product_image(product_id=missing[article.external_id], position=0, content=jpeg)


def _without_picture() -> dict[str, UUID]:
    statement = (
        select(Product.external_id, Product.id)
        .outerjoin(ProductImage)
        .where(Product.source_id == catalog_queries.get_source(BRAND_SOURCE).id, ProductImage.product_id.is_(None))
    )
    return {row.external_id: row.id for row in db.session.execute(statement)}


def _draw(picture: Picture) -> bytes:
    return draw_product(picture.kind, picture.palette, picture.label, seed=SEED)


def _load_customers() -> None:
    known = set(db.session.scalars(select(Customer.member_no)))
    file = member_file(but={number for number in known if number})
    report = customer_service.import_customers(file, by=people.integrator(), dry_run=False, now=clock.now() - BEFORE)
    assert report.counts["rejected"] == 0, report.problems[:1]


def _load_plan() -> None:
    if db.session.scalar(select(CommissionPlan.id).where(CommissionPlan.code == PLAN)):
        return
    maker, checker = _staff_id("HQ005"), _staff_id("HQ006")
    plan = commission_service.create_plan(code=PLAN, name="2026 标准提成")
    start = clock.now() - BEFORE
    document = {"rules": [_rule(name, *said) for name, said in RATES.items()], "examples": [EXAMPLE]}
    version = commission_service.add_version(plan_id=plan.id, plan=document, effective_from=start, created_by=maker)
    commission_service.approve_version(version_id=version.id, approved_by=checker, now=clock.now())
    month = clock.now().astimezone(ZONE).date().replace(day=1)
    commission_service.create_period(first_day=month, last_day=last_of_month(month))


def _rule(name: str, rate_bp: int, match: dict[str, list[str]]) -> dict[str, Any]:
    return {"kind": "line", "name": name, "match": match, "pays": {"kind": "percentage", "rate_bp": rate_bp}}


def _staff_id(staff_no: str) -> UUID:
    return db.session.scalars(select(Staff.id).where(Staff.staff_no == staff_no)).one()


def _load_orders(first_day: date, today: date, assortment: list[Article]) -> None:
    """Orders up to now, what they earn and the days' figures: a few days first, then many at a time."""
    days = [first_day + timedelta(days=n) for n in range((today - first_day).days + 1)]
    starts = (0, *range(FIRST_DAYS, len(days), DAYS_AT_ONCE))
    for block in (days[start:end] for start, end in pairwise((*starts, len(days)))):
        _say(f"orders from {block[0]}")
        _load_days(block, assortment)
        if block[0] == first_day and len(days) > FIRST_DAYS:
            _look_at_sizes()
    _send_in_vain(next(sales_of(first_day, assortment)))


def _load_days(days: Sequence[date], assortment: list[Article]) -> None:
    now = clock.now()
    sales = [sale for day in days for sale in sales_of(day, assortment) if sale.ordered_at <= now]
    items = [_order_item(sale) for sale in sales]
    # One piece of the first thing that each guide sold came back within the hour.
    first_sales = {sale.staff_no: sale for sale in reversed(sales) if sale.staff_no}.values()
    refunds = [_refund_item(sale) for sale in first_sales if sale.ordered_at + TO_RETURN <= now]
    with unit_of_work():
        order_service.ingest_orders(source=TILL_SOURCE, items=list(enumerate(items)), now=now)
    with unit_of_work():
        order_service.ingest_refunds(source=TILL_SOURCE, items=list(enumerate(refunds)), now=now)
    with unit_of_work():
        for day in days:
            commission_service.post_day(day)
    with unit_of_work():
        performance_service.rebuild_days(days[0], days[-1])


def _send_in_vain(sale: Sale) -> None:
    """A receipt of somebody whose number the till has and we don't."""
    stranger = [Serving(staff_no=f"{sale.store}-77", share_bp=10_000)]
    item = msgspec.structs.replace(_order_item(sale), external_id=f"{sale.external_id}-X", serving=stranger)
    with unit_of_work():
        order_service.ingest_orders(source=TILL_SOURCE, items=[(0, item)], now=clock.now())


def _refund_item(sale: Sale) -> RefundItem:
    return RefundItem(
        external_id=f"{sale.external_id}-R",
        version=1,
        store=sale.store,
        refunded_at=sale.ordered_at + TO_RETURN,
        order=sale.external_id,
        lines=[RefundLineItem(line_no=1, order_line=1, quantity=1)],
        reason="尺码不合",
    )


def _order_item(sale: Sale) -> OrderItem:
    lines = [
        LineItem(
            line_no=number,
            sku=article.sku,
            quantity=quantity,
            paid=article.price_fen * quantity,
            discount=((article.list_price_fen or article.price_fen) - article.price_fen) * quantity,
            title=article.title,
        )
        for number, (article, quantity) in enumerate(sale.lines, start=1)
    ]
    return OrderItem(
        external_id=sale.external_id,
        version=1,
        store=sale.store,
        ordered_at=sale.ordered_at,
        channel=sale.channel,
        member_no=sale.member_no,
        serving=[Serving(staff_no=sale.staff_no, share_bp=10_000)] if sale.staff_no else [],
        lines=lines,
    )
