"""Orders that came through links which the demo chain's guides shared."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import click
from sqlalchemy import select

from commissions import service as commission_service
from kit import clock
from kit.db import db, unit_of_work
from models import Forward, ForwardKey, Store, Touch
from orders import service as order_service
from orders.incoming import LineItem, OrderItem
from performance import service as performance_service
from samples.demo.assortment import Article
from samples.demo.days import Day, recent_days

# Every how many forwards that were opened brings an order, and how long after the tap.
ORDER_EVERY = 6
AFTER = timedelta(hours=3)
# The version of ids that are made from names.
NAMED = 5


class _Opened(NamedTuple):
    id: UUID
    token: str
    store: str
    at: datetime


def load(source: str, assortment: Sequence[Article], *, first_day: date, today: date) -> None:
    """Orders of the recent days' shared links from the mini program, what they earn and the days' figures."""
    click.echo("  demo chain: orders through links", err=True)
    sellable = [article for article in assortment if article.shelf_status == "on_shelf"]
    days = recent_days(first_day, today)
    for day in days:
        with unit_of_work():
            order_service.ingest_orders(source=source, items=list(enumerate(_orders(day, sellable))), now=clock.now())
        with unit_of_work():
            commission_service.post_day(day.date)
    with unit_of_work():
        performance_service.rebuild_days(days[0].date, days[-1].date)


def _orders(day: Day, sellable: Sequence[Article]) -> list[OrderItem]:
    opened = select(Forward.id, ForwardKey.token, Store.code, Forward.created_at).where(
        Forward.created_at >= day.at(0),
        Forward.created_at < min(day.at(21), day.until - AFTER),
        select(Touch.id).where(Touch.forward_id == Forward.id, Touch.counted).exists(),
    )
    rows = [
        _Opened(*row)
        for row in db.session.execute(
            opened.join(Store, Forward.store_id == Store.id).join(ForwardKey, ForwardKey.id == Forward.id)
        )
    ]
    return [_order(day, row, sellable) for row in rows if _brings_order(row.id)]


def _brings_order(forward_id: UUID) -> bool:
    """Of the demo's own forwards only, whose ids are made from names: a visitor's forward brings nothing by itself."""
    return forward_id.version == NAMED and forward_id.int % ORDER_EVERY == 0


def _order(day: Day, opened: _Opened, sellable: Sequence[Article]) -> OrderItem:
    article = sellable[opened.id.int % len(sellable)]
    line = LineItem(line_no=1, sku=article.sku, quantity=1, paid=article.price_fen, title=article.title)
    return OrderItem(
        external_id=f"MP-{day.date:%y%m%d}-{opened.id.hex[:8]}",
        version=1,
        store=opened.store,
        ordered_at=opened.at + AFTER,
        channel="miniprogram",
        share_token=opened.token,
        lines=[line],
    )
