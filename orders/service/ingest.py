"""Take a batch of orders in, with a fixed number of statements however many orders it holds."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from catalog import queries as catalog
from customers.service import Receipt, bind_at_till, ensure_customers
from kit.broken_codes import find_damage
from kit.clock import as_text, business_day
from kit.codes import fold_code, is_code
from kit.ids import new_id
from kit.words import Said, say
from orders.incoming import OrderItem, content_digest, numbered
from orders.queries import matching, returning
from orders.queries.settings import find_settings
from orders.rules.amounts import Priced, net_of
from orders.rules.receipts import is_plausible
from orders.rules.settings import OrderSettings
from orders.service import lines, returns, rows
from orders.service.deciding import decide_orders
from orders.service.pricing import price_lines, why_money_is_wrong
from orders.service.rejects import Unreadable, keep_rejects
from orders.service.servings import find_named, why_servings_are_wrong
from orders.service.versions import Judge, Numbered, Outcome, choose, known, outcome


class _References(NamedTuple):
    stores: dict[str, matching.PlaceRef]
    people: dict[str, matching.PersonRef]
    settings: OrderSettings


def ingest_orders(
    *, source: str, items: Sequence[Numbered[OrderItem]], unreadable: Sequence[Unreadable] = (), now: datetime
) -> list[Outcome]:
    """One outcome per (index, order) of a source's batch: created, updated, unchanged, stale or rejected.

    An order is known by (source, external_id): the newest sound version is taken, an older one is stale, the same one
    unchanged, or rejected where it says something else. Who gets credit is decided at once, and the refunds of an
    order follow it. What is rejected, and what could not be read, is kept to be mended. Raises SourceNotFound.
    """
    source_id = catalog.get_source(source).id
    items = [(index, numbered(item)) for index, item in items]
    returns.keep_others_out(source_id, returning=any(_originals(item) for _, item in items))
    held = matching.find_held(source_id, {item.external_id for _, item in items})
    references = _find_references([item for _, item in items])
    judge = Judge(
        digest=content_digest,
        why_rejected=lambda item, currency: _why_rejected(item, references, currency=currency, now=now),
        currency=lambda item: _place(item, references).currency,
        reused=lambda version: say("version_reused.order", version=version),
    )
    accepted, outcomes = choose(items, held, judge)
    outcomes += _take(source_id, accepted, references, judge, now=now)
    keep_rejects(source_id, kind="sale", items=items, told=outcomes, unreadable=unreadable, now=now)
    return sorted(outcomes, key=lambda told: int(told["index"]))


def _originals(item: OrderItem) -> set[str]:
    """The orders of which a receipt takes something back."""
    return {line.original.order for line in item.lines if line.original}


def _find_references(items: Sequence[OrderItem]) -> _References:
    return _References(
        matching.find_stores({item.store for item in items}), matching.find_people(find_named(items)), find_settings()
    )


def _why_rejected(item: OrderItem, references: _References, *, currency: str | None, now: datetime) -> Said | None:
    codes = (item.external_id, item.member_no, item.exchange, *_originals(item), *(line.sku for line in item.lines))
    for code in filter(None, codes):
        if damage := find_damage(code):
            return damage
    store = references.stores.get(fold_code(item.store))
    if store is None:
        return say("unknown_store", code=item.store)
    if item.member_no is not None and not is_code(item.member_no):
        return say("bad_member_no")
    if currency and currency != store.currency:
        return say("currency_changed", currency=currency)
    if not is_plausible(item.ordered_at, now=now):
        return say("implausible_time", at=as_text(item.ordered_at))
    settings = references.settings
    if settings.channels and item.channel not in settings.channels:
        return say("unknown_channel", channel=item.channel, known=settings.channels)
    return why_servings_are_wrong(item, references.people) or why_money_is_wrong(
        item, currency=store.currency, takes_others=settings.foreign_currency
    )


def _take(
    source_id: UUID,
    accepted: list[Numbered[OrderItem]],
    references: _References,
    judge: Judge[OrderItem],
    *,
    now: datetime,
) -> list[Outcome]:
    if not accepted:
        return []
    items = [item for _, item in accepted]
    customers = _ensure_customers(items, references)
    priced = {item.external_id: price_lines(item, currency=_place(item, references).currency) for item in items}
    orders = {
        item.external_id: _order_row(source_id, item, priced[item.external_id], references, customers, now)
        for item in items
    }
    named_before = matching.find_originals(source_id, kind="sale", external_ids=orders.keys())
    named = named_before.union(*(_originals(item) for item in items))
    returning.lock_concerned(source_id, kind="sale", external_ids=orders.keys(), sales=named | orders.keys())
    # What is new in one order, so that two batches wait for each other and never in a circle.
    taken = rows.upsert_orders([orders[external_id] for external_id in sorted(orders)])
    receipts = [
        lines.Receipt(item, orders[item.external_id], taken[item.external_id], priced[item.external_id])
        for item in items
        if item.external_id in taken
    ]
    lines.write_lines(receipts, people=references.people)
    sold = {one.id for one in taken.values()}
    settled = returns.settle_returns(source_id, sold=orders.keys(), named=named, taken=sold, now=now)
    decide_orders(sold | settled, now=now)
    bind_at_till([_receipt(one, references) for one in receipts if _shows_who_served(one)], now=now)
    # What is missing, another batch brought while we read: the same version, or a newer one.
    overtaken = matching.find_held(source_id, orders.keys() - taken.keys())
    return [
        known(index, item, version=before.version, digest=before.digest, judge=judge)
        if (before := overtaken.get(item.external_id))
        else outcome(index, item, "created" if taken[item.external_id].created else "updated")
        for index, item in accepted
    ]


def _place(item: OrderItem, references: _References) -> matching.PlaceRef:
    return references.stores[fold_code(item.store)]


def _ensure_customers(items: Iterable[OrderItem], references: _References) -> dict[str, UUID]:
    """The customers by the key of their member number; who is new is of the store where they bought first."""
    stores: dict[str, UUID] = {}
    for item in sorted(items, key=lambda item: item.ordered_at):
        if item.member_no:
            stores.setdefault(item.member_no, _place(item, references).id)
    return ensure_customers(stores)


def _shows_who_served(receipt: lines.Receipt) -> bool:
    return receipt.taken.created and bool(receipt.item.serving and receipt.item.member_no)


def _receipt(served: lines.Receipt, references: _References) -> Receipt:
    """Who served the customer: of several the one with the largest share, of equal ones the first."""
    first = max(served.item.serving, key=lambda serving: serving.share_bp)
    order = served.row
    assert order.customer_id
    return Receipt(order.customer_id, references.people[fold_code(first.staff_no)].id, order.store_id, served.taken.id)


def _order_row(
    source_id: UUID,
    item: OrderItem,
    priced: Sequence[Priced],
    references: _References,
    customers: dict[str, UUID],
    now: datetime,
) -> rows.OrderRow:
    store = _place(item, references)
    foreign = item.rate if item.currency != store.currency else None
    return rows.OrderRow(
        id=new_id(),
        source_id=source_id,
        receipt_kind="sale",
        external_id=item.external_id,
        source_version=item.version,
        content_digest=content_digest(item),
        store_id=store.id,
        customer_id=customers[fold_code(item.member_no)] if item.member_no else None,
        channel=item.channel,
        share_token=item.share_token,
        ordered_at=item.ordered_at,
        business_day=business_day(item.ordered_at, store.time_zone),
        currency=store.currency,
        # What takes back a sale that is named comes to something once that sale is looked at.
        net_fen=sum(net_of(one) for line, one in zip(item.lines, priced, strict=True) if not line.original),
        exchange_external_id=item.exchange,
        changed_at=now,
        tenders=item.tenders or None,
        coupons=item.coupons or None,
        staff_purchase=item.staff_purchase,
        foreign_currency=item.currency if foreign else None,
        rate_given=foreign.given if foreign else None,
        rate_worth=foreign.worth if foreign else None,
    )
