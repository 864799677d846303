"""Figures of a whole period, counted from the facts when they are asked for: days of them do not add up."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import CTE, BigInteger, ColumnElement, Select, and_, cast, distinct, exists, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import aliased

from kit.db import fetch_one
from models import (
    Attribution,
    Credit,
    Customer,
    Footfall,
    Forward,
    ForwardKey,
    Order,
    OrderLine,
    Placement,
    Store,
    StoreArea,
    Touch,
)
from orders.queries import credited
from orders.queries.footfall import footfall_by_day
from orders.queries.served import IS_SELLER
from performance.queries.figures import asked
from performance.queries.figures.declaring import on_days
from performance.queries.figures.sales import LONGEST_WAIT
from performance.queries.subjects import Scope
from performance.rules.metrics import Reading, Words
from staff.queries import presence

READINGS = (
    Reading("receipts", "count", Words("成交单数（去重）", "Receipts, each once"),
            Words("期间内不同的成交小票", "different receipts with a line sold in the period")),
    Reading("customers", "count", Words("成交会员数", "Customers"),
            Words("期间内购买过的不同会员；合并的会员算一人", "different members who bought; who was merged is one")),
    Reading("buyers", "count", Words("成交人数", "Buyers"),
            Words("成交会员数，加上没有会员的小票（每单一人）", "customers, and one a receipt without a member")),
    Reading("first_purchases", "count", Words("首购会员数", "First purchases"),
            Words("其中期间之前在全公司从未购买的", "those of them who had bought nowhere in the chain before")),
    Reading("lifetime_sales", "money", Words("首购会员累计净销售额", "Net sales to new customers so far"),
            Words("首购会员从首购至今的净销售额", "net sales to them since, up to now")),
    Reading("viewers", "count", Words("打开人数", "Viewers"),
            Words("期间内打开过分享页的不同访客", "different viewers of shared pages in the period")),
    Reading("minutes", "minutes", Words("排班工时（分钟）", "Minutes at work"),
            Words("排班的工时；没有排班时按门店标准工时", "by the roster; without one, the store's normal minutes")),
    Reading("people", "count", Words("在岗人数", "People at work"),
            Words("期间内到岗的不同员工", "different people who were in on a day of the period")),
    Reading("area_m2", "square_metres", Words("营业面积（平方米）", "Selling area"),
            Words("期间最后一天的营业面积；导购没有面积", "of the stores, on the last day; a guide has none")),
    Reading("footfall", "count", Words("客流", "Footfall"),
            Words("门店客流计数；导购没有客流", "people counted at the doors of the stores; a guide has none")),
    Reading("footfall_receipts", "count", Words("有客流日的成交单数", "Receipts where people were counted"),
            Words("有客流计数的门店和日期的不同成交小票", "different receipts of the stores and days with footfall")),
)  # fmt: skip


def read_period(scope: Scope, *, first: date, last: date, today: date, currency: str) -> dict[str, int]:
    """Every reading of the business days `first` to `last`; money in `currency`, work up to `today`."""
    values = asked(first, last, guide_id=scope.guide_id)
    sold = fetch_one(_buyers(scope, first=first, last=last, currency=currency), values) or {}
    seen = fetch_one(_viewers(scope), values) or {}
    work = fetch_one(_work(scope, first=first, last=min(last, today))) or {}
    found = {**sold, **seen, **work}
    if scope.guide_id is None:
        found |= fetch_one(_area(scope, on=last)) or {}
        found |= fetch_one(_visits(scope, first=first, last=last)) or {}
    return {name: int(value or 0) for name, value in found.items()}


def _buyers(scope: Scope, *, first: date, last: date, currency: str) -> Select[Any]:
    bought = _bought(scope, first=first, last=last)
    people = (
        select(Customer.person_id)
        .select_from(bought)
        .join(Customer, Customer.id == bought.c.customer_id)
        .distinct()
        .cte("people")
    )
    new = select(people.c.person_id).where(~_earlier(people.c.person_id, before=first)).cte("new")
    receipts = select(func.count(distinct(bought.c.id))).scalar_subquery()
    unknown = select(func.count(distinct(bought.c.id))).where(bought.c.customer_id.is_(None)).scalar_subquery()
    customers = select(func.count()).select_from(people).scalar_subquery()
    return select(
        receipts.label("receipts"),
        customers.label("customers"),
        (customers + unknown).label("buyers"),
        select(func.count()).select_from(new).scalar_subquery().label("first_purchases"),
        _lifetime(new, currency).label("lifetime_sales"),
    )


def _bought(scope: Scope, *, first: date, last: date) -> CTE:
    """The receipts with a line sold in the period, once for each such line."""
    found = (
        select(Order.id, Order.customer_id)
        .join(OrderLine, OrderLine.order_id == Order.id)
        .where(Order.business_day.between(first, last), credited.COUNTS, credited.IS_SALE)
    )
    found = found.where(scope.is_at(Order.store_id))
    if scope.guide_id is None:
        return found.cte("bought")
    since = asked(first, last)["starts_at"] - LONGEST_WAIT
    mine = and_(Credit.beneficiary_id == scope.guide_id, Credit.decided_at >= since)
    joined = found.join(Attribution, Attribution.line_id == OrderLine.id).join(Credit, IS_SELLER)
    return joined.where(mine).cte("bought")


def _earlier(person_id: ColumnElement[UUID], *, before: date) -> ColumnElement[bool]:
    same, order = aliased(Customer), aliased(Order)
    was_sold = and_(order.net_sales_fen > 0, order.business_day < before)
    return exists().where(same.person_id == person_id, order.customer_id == same.id, was_sold)


def _lifetime(new: CTE, currency: str) -> ColumnElement[int]:
    return (
        select(cast(func.coalesce(func.sum(Order.net_sales_fen), 0), BigInteger))
        .select_from(new)
        .join(Customer, Customer.person_id == new.c.person_id)
        .join(Order, Order.customer_id == Customer.id)
        .where(Order.currency == currency)
        .scalar_subquery()
    )


def _viewers(scope: Scope) -> Select[Any]:
    same = and_(Forward.id == ForwardKey.id, Forward.created_at == ForwardKey.created_at)
    return (
        select(func.count(distinct(Touch.viewer)).label("viewers"))
        .select_from(Touch)
        .join(ForwardKey, ForwardKey.id == Touch.forward_id)
        .join(Forward, same)
        .join(Store, Store.id == Forward.store_id)
        .where(Touch.counted, Touch.kind == "open", on_days(Touch.created_at))
        .where(scope.holds(Forward.guide_id, Forward.store_id))
    )


def _work(scope: Scope, *, first: date, last: date) -> Select[Any]:
    places = select(Placement.store_id).where(scope.holds(Placement.staff_id, Placement.store_id)).distinct()
    there = presence(first, last, stores=places).subquery("there")
    minutes = func.coalesce(func.sum(there.c.minutes), 0)
    people = func.count(distinct(there.c.staff_id)).filter(there.c.is_present)
    found = select(minutes.label("minutes"), people.label("people"))
    return found.where(there.c.staff_id == scope.guide_id) if scope.guide_id else found


def _area(scope: Scope, *, on: date) -> Select[Any]:
    newest = (
        select(StoreArea.area_m2)
        .where(scope.is_at(StoreArea.store_id), StoreArea.valid_from <= on)
        .ext(distinct_on(StoreArea.store_id))
        .order_by(StoreArea.store_id, StoreArea.valid_from.desc())
        .subquery("newest")
    )
    return select(func.coalesce(func.sum(newest.c.area_m2), 0).label("area_m2"))


def _visits(scope: Scope, *, first: date, last: date) -> Select[Any]:
    counted = footfall_by_day(scope.is_at(Footfall.store_id), Footfall.day.between(first, last)).cte("counted")
    same = and_(Order.store_id == counted.c.store_id, Order.business_day == counted.c.day)
    sold = select(func.count(distinct(Order.id))).select_from(counted).join(Order, same)
    lines = sold.join(OrderLine, OrderLine.order_id == Order.id).where(credited.COUNTS, credited.IS_SALE)
    return select(
        select(func.sum(counted.c.visitors)).scalar_subquery().label("footfall"),
        lines.scalar_subquery().label("footfall_receipts"),
    )
