"""What tills and shops send: the shape of one order in a batch."""

from datetime import UTC, datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from catalog.items import digest
from kit.codes import fold_code
from kit.versions import MAX_SOURCE_VERSION
from kit.web.batch import Item

# Ten billion yuan: far above any receipt, far below where basis-point arithmetic would leave 64 bits.
MAX_FEN = 10**12

Amount = Annotated[int, Meta(ge=-MAX_FEN, le=MAX_FEN, description="Minor units of the store's currency.")]
Version = Annotated[
    int, Meta(ge=0, le=MAX_SOURCE_VERSION, description="Grows with every change; an older one is stale.")
]
Text64 = Annotated[str, Meta(min_length=1, max_length=64)]
Text128 = Annotated[str, Meta(min_length=1, max_length=128)]


class Serving(Item, frozen=True):
    """A guide who served, and their share of the sale."""

    staff_no: Text64
    share_bp: Annotated[int, Meta(ge=1, le=10_000, description="Basis points; a line's shares sum to 10,000.")]


Servings = Annotated[list[Serving], Meta(max_length=10)]


class Original(Item, frozen=True):
    """The line of an order of the same source that is taken back; the order may come later."""

    order: Annotated[Text128, Meta(description="The order's external id.")]
    line: Annotated[int, Meta(ge=1, le=100_000, description="The line_no there.")]


class LineItem(Item, frozen=True):
    """One line of a receipt. A line that a later version leaves out or sets to 0 was not sold after all.

    Of what is taken back, quantity, paid, discount and tax are negative, or 0.
    """

    line_no: Annotated[int, Meta(ge=1, le=100_000)]
    sku: Text128
    quantity: Annotated[int, Meta(ge=-1_000_000, le=1_000_000)]
    paid: Annotated[int, Meta(ge=-MAX_FEN, le=MAX_FEN, description="Paid for the line, tax included, minor units.")]
    title: Annotated[str, Meta(min_length=1, max_length=500)] | None = None
    discount: Amount = 0
    tax: Amount = 0
    original: Annotated[Original, Meta(description="Which sale is taken back, where the till knows.")] | None = None
    serving: Annotated[Servings, Meta(description="Who served this line; by default the order's.")] | None = None


class OrderItem(Item, frozen=True):
    """A receipt as its source now describes it: the whole of it, not a change."""

    external_id: Text128
    version: Version
    store: Annotated[str, Meta(min_length=1, max_length=64, description="The store's code.")]
    ordered_at: Annotated[datetime, Meta(tz=True)]
    channel: Annotated[str, Meta(min_length=1, max_length=64, examples=["pos", "mini_program"])]
    lines: Annotated[list[LineItem], Meta(min_length=1, max_length=1000)]
    member_no: Text64 | None = None
    share_token: Annotated[str, Meta(min_length=1, max_length=32)] | None = None
    exchange: Annotated[Text128, Meta(description="The refund that it was exchanged for.")] | None = None
    serving: Servings = msgspec.field(default_factory=list)


def content_digest(item: OrderItem) -> int:
    """What an order says apart from its version: the same for two that differ in writing only.

    That is: the offset of a time, the order of lines, and the case, width and blanks of codes.
    """
    content = msgspec.structs.replace(
        item,
        version=0,
        store=fold_code(item.store),
        member_no=None if item.member_no is None else fold_code(item.member_no),
        ordered_at=item.ordered_at.astimezone(UTC),
        serving=folded(item.serving),
        lines=[_folded_line(line) for line in sorted(item.lines, key=lambda line: line.line_no)],
    )
    return digest(msgspec.json.encode(content))


def _folded_line(line: LineItem) -> LineItem:
    return msgspec.structs.replace(line, serving=folded(line.serving)) if line.serving else line


def folded(servings: list[Serving]) -> list[Serving]:
    """Staff numbers as they are compared."""
    return [Serving(staff_no=fold_code(one.staff_no), share_bp=one.share_bp) for one in servings]
