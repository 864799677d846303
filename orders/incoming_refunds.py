"""What tills and shops send: the shape of one refund in a batch."""

from datetime import UTC, datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from catalog.items import digest
from kit.codes import fold_code
from kit.web.batch import Item
from orders.incoming import MAX_FEN, LineKind, LineNo, Servings, Text64, Text128, Version, folded, number_of

Amount = Annotated[int, Meta(ge=0, le=MAX_FEN, description="Given back, minor units of the refund's currency.")]


class RefundLineItem(Item, frozen=True):
    """What is given back of one line: pieces, an amount, or both; without an amount, what was paid for the pieces."""

    line_no: LineNo | None = None
    external_line_id: Annotated[Text128, Meta(description="In place of a number.")] | None = None
    order_line: Annotated[LineNo, Meta(description="The line_no of the order; without it, the SKU finds it.")] | (
        None
    ) = None
    order_external_line_id: (
        Annotated[Text128, Meta(description="That of the order, where lines have those.")] | None
    ) = None
    kind: Annotated[LineKind, Meta(description="Where no order is named.")] = "goods"
    sku: Text128 | None = None
    title: Annotated[str, Meta(min_length=1, max_length=500)] | None = None
    quantity: Annotated[int, Meta(ge=0, le=1_000_000, description="Pieces that came back; 0: an amount only.")] = 0
    amount: Annotated[Amount, Meta(description="Tax included; before the fee of the refund.")] | None = None
    tax: Annotated[Amount, Meta(description="In the amount; left out, as much as the order's line has in it.")] | (
        None
    ) = None
    serving: Annotated[
        Servings, Meta(description="Whose sales it lessens, where no order is named; by default the refund's.")
    ] | (None) = None


class RefundItem(Item, frozen=True):
    """A refund as its source now describes it: the whole of it, not a change. Without lines, of the whole order."""

    external_id: Text128
    version: Version
    store: Annotated[str, Meta(min_length=1, max_length=64, description="The code of the store that gave it back.")]
    refunded_at: Annotated[datetime, Meta(tz=True)]
    order: Annotated[Text128, Meta(description="The external id of the order, which may come later.")] | None = None
    lines: Annotated[list[RefundLineItem], Meta(max_length=1000)] = msgspec.field(default_factory=list)
    fee: Annotated[int, Meta(ge=0, le=MAX_FEN, description="Kept by the shop; the lines bear it.")] = 0
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$", description="The order's; by default the store's.")] | None = (
        None
    )
    channel: Text64 | None = None
    cancelled: Annotated[bool, Meta(description="It was taken back, and gives nothing back.")] = False
    exchange: (
        Annotated[Text128, Meta(description="The external id of the order that was given in exchange.")] | None
    ) = None
    reason: Annotated[str, Meta(min_length=1, max_length=200)] | None = None
    serving: Servings = msgspec.field(default_factory=list)


def numbered(item: RefundItem) -> RefundItem:
    """The refund with numbers for lines, its own and the order's, that have ids."""
    if not any(line.external_line_id or line.order_external_line_id for line in item.lines):
        return item
    return msgspec.structs.replace(item, lines=[_numbered(line) for line in item.lines])


def _numbered(line: RefundLineItem) -> RefundLineItem:
    no = number_of(line.external_line_id) if line.external_line_id and line.line_no is None else line.line_no
    of = (
        number_of(line.order_external_line_id)
        if line.order_external_line_id and line.order_line is None
        else line.order_line
    )
    return msgspec.structs.replace(line, line_no=no, order_line=of)


def content_digest(item: RefundItem) -> int:
    """What a refund says apart from its version: the same for two that differ in writing only."""
    content = msgspec.structs.replace(
        item,
        version=0,
        store=fold_code(item.store),
        refunded_at=item.refunded_at.astimezone(UTC),
        serving=folded(item.serving),
        lines=[
            msgspec.structs.replace(line, serving=folded(line.serving)) if line.serving else line
            for line in sorted(item.lines, key=lambda line: line.line_no or 0)
        ],
    )
    return digest(msgspec.json.encode(content))
