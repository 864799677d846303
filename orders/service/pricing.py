"""What the lines of an order come to, and why what it says of money cannot be."""

from collections.abc import Sequence

from kit.words import Said, say
from models.orders import SALES_KINDS
from orders.incoming import MAX_FEN, Coupon, LineItem, OrderItem, number_of
from orders.rules import amounts
from orders.rules.amounts import Priced, Worth
from orders.rules.receipts import why_line_is_crooked


def price_lines(item: OrderItem, *, currency: str) -> list[Priced]:
    """Its lines in the store's `currency`, each with its part of the discount on the receipt taken off."""
    lines = amounts.less_discount([_priced(line) for line in item.lines], item.discount)
    if item.rate is None or item.currency in (None, currency):
        return lines
    rate = Worth(item.rate.given, item.rate.worth)
    return [amounts.converted(line, rate) for line in lines]


def _priced(line: LineItem) -> Priced:
    tag = amounts.tag_amount(line.tag_price, quantity=line.quantity, weight_milli=line.weight_milli)
    return Priced(line.kind in SALES_KINDS, line.paid, line.tax, line.discount, tag, line.cost)


def why_money_is_wrong(item: OrderItem, *, currency: str, takes_others: bool) -> Said | None:
    """Why lines, discount, tenders or the currency do not add up; `takes_others`: other currencies than the store's."""
    return (
        _why_currency_is_wrong(item, currency=currency, takes_others=takes_others)
        or _why_lines_are_wrong(item.lines)
        or _why_receipt_is_wrong(item, currency=currency)
    )


def _why_currency_is_wrong(item: OrderItem, *, currency: str, takes_others: bool) -> Said | None:
    if item.currency in (None, currency):
        return say("crooked_order.rate", currency=currency) if item.rate else None
    if not takes_others:
        return say("foreign_currency_refused", currency=item.currency or "", of_store=currency)
    return None if item.rate else say("rate_missing", currency=item.currency or "", of_store=currency)


def _why_lines_are_wrong(items: Sequence[LineItem]) -> Said | None:
    if len({line.line_no for line in items}) < len(items):
        return say("duplicate_line")
    for line in items:
        if problem := _why_line_is_wrong(line):
            return problem
    return None


def _why_line_is_wrong(line: LineItem) -> Said | None:
    if line.line_no is None:
        return say("crooked_line.nameless", sku=line.sku)
    name: int | str = line.external_line_id or line.line_no
    if line.external_line_id and line.line_no != number_of(line.external_line_id):
        return say("crooked_line.two_names", line=name)
    problem = why_line_is_crooked(
        line_no=name, quantity=line.quantity, paid=line.paid, tax=line.tax, cost=line.cost or 0
    )
    if problem:
        return problem
    if line.original and line.original.line is None:
        return say("crooked_line.original_line", line=name)
    if line.original and line.quantity >= 0 and line.paid >= 0:
        return say("crooked_line.original", line=name)
    return None if _are_borne(line.coupons, line.discount) else say("crooked_line.coupons", line=name)


def _are_borne(coupons: Sequence[Coupon], discount: int) -> bool:
    """Whether coupons are a part of the discount, and of its sign."""
    if not coupons:
        return True
    sign = -1 if discount < 0 else 1
    parts = [coupon.amount * sign for coupon in coupons]
    return min(parts) >= 0 and sum(parts) <= abs(discount)


def _why_receipt_is_wrong(item: OrderItem, *, currency: str) -> Said | None:
    if item.discount > (most := sum(amounts.bearing([_priced(line) for line in item.lines]))):
        return say("crooked_order.discount", discount=item.discount, most=most)
    if not _are_borne(item.coupons, item.discount):
        return say("crooked_order.coupons")
    paid = sum(line.paid for line in item.lines) - item.discount
    if item.tenders and (tendered := sum(tender.amount for tender in item.tenders)) != paid:
        return say("crooked_order.tenders", tendered=tendered, paid=paid)
    largest = max((abs(amount or 0) for line in price_lines(item, currency=currency) for amount in line[1:]), default=0)
    return say("crooked_order.too_much") if largest > MAX_FEN else None
