"""Take a batch of refunds in: each is booked as a receipt of its own, whose lines take back lines of sales."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from catalog import queries as catalog
from kit.broken_codes import find_damage
from kit.clock import as_text, business_day
from kit.codes import fold_code
from kit.ids import new_id
from kit.words import Said, say
from orders.incoming import number_of
from orders.incoming_refunds import RefundItem, RefundLineItem, content_digest, numbered
from orders.queries import matching, returning
from orders.rules.receipts import is_plausible, why_refund_is_crooked
from orders.service import returns, rows
from orders.service.deciding import decide_orders
from orders.service.rejects import Unreadable, keep_rejects
from orders.service.servings import find_named, served_by, why_servings_are_wrong
from orders.service.versions import Judge, Numbered, Outcome, choose, outcome


class _References(NamedTuple):
    stores: dict[str, matching.PlaceRef]
    people: dict[str, matching.PersonRef]
    originals: dict[str, matching.Held]


class _Document(NamedTuple):
    item: RefundItem
    row: rows.OrderRow
    taken: rows.Taken


def ingest_refunds(
    *, source: str, items: Sequence[Numbered[RefundItem]], unreadable: Sequence[Unreadable] = (), now: datetime
) -> list[Outcome]:
    """One outcome per (index, refund) of a source's batch: created, updated, unchanged, stale or rejected.

    A refund is known by (source, external_id), and the newest sound version is taken. It may come before its order, and
    without one; what it comes to is worked out with all others of its order. One that takes back more than there was is
    taken, and its outcome has a code (models.orders.DOUBTS) all the same. What is rejected, and what could not be
    read, is kept to be mended. Raises SourceNotFound.
    """
    source_id = catalog.get_source(source).id
    items = [(index, numbered(item)) for index, item in items]
    returns.keep_others_out(source_id, returning=True)
    held = matching.find_held(source_id, {item.external_id for _, item in items}, kind="refund")
    references = _find_references(source_id, [item for _, item in items])
    judge = Judge(
        digest=content_digest,
        why_rejected=lambda item, currency: _why_rejected(item, references, currency=currency, now=now),
        currency=lambda item: _currency(item, references),
        reused=lambda version: say("version_reused.refund", version=version),
    )
    accepted, outcomes = choose(items, held, judge)
    if accepted:
        outcomes += _take(source_id, accepted, references, now=now)
    keep_rejects(source_id, kind="refund", items=items, told=outcomes, unreadable=unreadable, now=now)
    return sorted(outcomes, key=lambda told: int(told["index"]))


def _find_references(source_id: UUID, items: Sequence[RefundItem]) -> _References:
    return _References(
        matching.find_stores({item.store for item in items}),
        matching.find_people(find_named(items)),
        matching.find_held(source_id, {item.order for item in items if item.order}),
    )


def _currency(item: RefundItem, references: _References) -> str:
    return item.currency or references.stores[fold_code(item.store)].currency


def _why_rejected(item: RefundItem, references: _References, *, currency: str | None, now: datetime) -> Said | None:
    codes = (item.external_id, item.order, item.exchange, *(line.sku for line in item.lines))
    for code in filter(None, codes):
        if damage := find_damage(code):
            return damage
    if fold_code(item.store) not in references.stores:
        return say("unknown_store", code=item.store)
    if currency and currency != _currency(item, references):
        return say("currency_changed", currency=currency)
    original = references.originals.get(item.order) if item.order else None
    if original and original.currency != _currency(item, references):
        return say("refund_currency", currency=original.currency)
    if not is_plausible(item.refunded_at, now=now):
        return say("implausible_time", at=as_text(item.refunded_at))
    return why_servings_are_wrong(item, references.people) or _why_lines_rejected(item)


def _why_lines_rejected(item: RefundItem) -> Said | None:
    if not item.order and not item.lines:
        return say("crooked_refund.nothing")
    if len({line.line_no for line in item.lines}) < len(item.lines):
        return say("duplicate_line")
    for line in item.lines:
        if line.line_no is None:
            return say("crooked_refund.nameless")
        if _is_named_twice(line):
            return say("crooked_refund.two_names", line=line.external_line_id or line.line_no)
        if problem := why_refund_is_crooked(
            line_no=line.external_line_id or line.line_no,
            named=item.order is not None,
            findable=line.sku is not None or (item.order is not None and line.order_line is not None),
            quantity=line.quantity,
            amount=line.amount,
            tax=line.tax,
        ):
            return problem
    return None


def _is_named_twice(line: RefundLineItem) -> bool:
    """Whether its own line, or the order's, has a number and an id that are not of one line."""
    named = ((line.external_line_id, line.line_no), (line.order_external_line_id, line.order_line))
    return any(line_id and number != number_of(line_id) for line_id, number in named)


def _take(
    source_id: UUID,
    accepted: Sequence[Numbered[RefundItem]],
    references: _References,
    *,
    now: datetime,
) -> list[Outcome]:
    items = {item.external_id: item for _, item in accepted}
    named = matching.find_originals(source_id, kind="refund", external_ids=items.keys())
    named |= {item.order for item in items.values() if item.order}
    receipts = {name: _row(source_id, item, references, now) for name, item in items.items()}
    returning.lock_concerned(source_id, kind="refund", external_ids=items.keys(), sales=named)
    taken = rows.upsert_orders([receipts[name] for name in sorted(receipts)])
    documents = [_Document(items[name], receipts[name], taken[name]) for name in taken]
    _write(documents, references)
    refunds = {one.taken.id for one in documents}
    decide_orders(
        refunds | returns.settle_returns(source_id, sold=(), named=named, taken=refunds, now=now),
        now=now,
    )
    doubts = returning.find_doubts(refunds)
    return [_told(index, item, taken[item.external_id], doubts) for index, item in accepted]


def _told(index: int, item: RefundItem, taken: rows.Taken, doubts: Mapping[UUID, str]) -> Outcome:
    doubt = doubts.get(taken.id)
    why = {"code": doubt, "detail": say(doubt)} if doubt else {}
    return outcome(index, item, "created" if taken.created else "updated", **why)


def _row(source_id: UUID, item: RefundItem, references: _References, now: datetime) -> rows.OrderRow:
    store = references.stores[fold_code(item.store)]
    return rows.OrderRow(
        id=new_id(),
        source_id=source_id,
        receipt_kind="refund",
        external_id=item.external_id,
        source_version=item.version,
        content_digest=content_digest(item),
        store_id=store.id,
        customer_id=None,
        channel=item.channel or "refund",
        share_token=None,
        ordered_at=item.refunded_at,
        business_day=business_day(item.refunded_at, store.time_zone),
        currency=_currency(item, references),
        net_fen=0,
        exchange_external_id=item.exchange,
        changed_at=now,
    )


def _write(documents: Sequence[_Document], references: _References) -> None:
    """What the refunds say, with lines that come to nothing until they are worked out."""
    skus = matching.find_skus({line.sku for one in documents for line in one.item.lines if line.sku})
    written = [_line_row(one, line, skus, references) for one in documents for line in one.item.lines]
    rows.upsert_lines(written, unsorted=matching.find_unsorted())
    changed = [one for one in documents if not one.taken.created]
    rows.zero_missing_lines({one.taken.id: [line.line_no or 0 for line in one.item.lines] for one in changed})
    stated = [_stated(one, line) for one in documents for line in one.item.lines]
    rows.write_stated_lines(stated, changed=[one.taken.id for one in changed])
    rows.write_refunds([_refund(one) for one in documents])


def _line_row(
    document: _Document, line: RefundLineItem, skus: dict[str, matching.SkuRef], references: _References
) -> rows.LineRow:
    sku = skus.get(line.sku) if line.sku else None
    servings = document.item.serving if line.serving is None else line.serving
    # Of an order that is named, who has credit for that.
    guide_ids, shares_bp = served_by([] if document.item.order else servings, references.people)
    return rows.LineRow(
        id=new_id(),
        order_id=document.taken.id,
        line_no=line.line_no or 0,
        external_line_id=line.external_line_id,
        kind=line.kind,
        sku_code=sku.code if sku else line.sku or "",
        told_code=line.sku if sku and sku.code != line.sku else None,
        sku_id=sku.id if sku else None,
        product_title=line.title or (sku.title if sku else line.sku or ""),
        brand_id=sku.brand_id if sku else None,
        category_id=sku.category_id if sku else None,
        quantity=0,
        discount_fen=0,
        tax_fen=0,
        paid_fen=0,
        net_fen=0,
        serving_guide_ids=guide_ids,
        serving_shares_bp=shares_bp,
    )


def _stated(document: _Document, line: RefundLineItem) -> rows.StatedRow:
    return rows.StatedRow(
        order_id=document.taken.id,
        line_no=line.line_no or 0,
        original_external_id=document.item.order,
        original_line_no=line.order_line,
        sku_code=line.sku,
        quantity=line.quantity,
        amount_fen=line.amount,
        tax_fen=line.tax,
    )


def _refund(document: _Document) -> rows.RefundRow:
    item = document.item
    return rows.RefundRow(
        order_id=document.taken.id,
        original_external_id=item.order,
        whole=not item.lines,
        fee_fen=item.fee,
        cancelled=item.cancelled,
        reason=item.reason,
    )
