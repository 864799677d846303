"""What tills and shops send: the shape of one order in a batch."""

from datetime import UTC, datetime
from typing import Annotated, Literal

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
LineNo = Annotated[int, Meta(ge=1, le=MAX_SOURCE_VERSION)]
LineKind = Literal["goods", "service", "stored_value", "gift_card", "deposit", "freight"]
TenderKind = Literal[
    "cash", "card", "wechat", "alipay", "stored_value", "gift_card", "deposit", "points", "bank_transfer", "credit",
    "other",
]  # fmt: skip
Bearer = Literal["chain", "store", "brand", "supplier", "platform", "mall", "bank"]


class Serving(Item, frozen=True):
    """A guide who served, and their share of the sale."""

    staff_no: Text64
    share_bp: Annotated[int, Meta(ge=1, le=10_000, description="Basis points; a line's shares sum to 10,000.")]


Servings = Annotated[list[Serving], Meta(max_length=10)]


class Original(Item, frozen=True):
    """The line of an order of the same source that is taken back, by number or id; the order may come later."""

    order: Annotated[Text128, Meta(description="The order's external id.")]
    line: Annotated[LineNo, Meta(description="The line_no there.")] | None = None
    external_line_id: Annotated[Text128, Meta(description="The external_line_id there.")] | None = None


class Coupon(Item, frozen=True):
    """What a coupon or promotion took off, and who bears it."""

    amount: Annotated[int, Meta(ge=-MAX_FEN, le=MAX_FEN, description="Minor units; negative on what is taken back.")]
    borne_by: Bearer
    name: Text128 | None = None


Coupons = Annotated[list[Coupon], Meta(max_length=20)]


class Tender(Item, frozen=True):
    """How a part of a receipt was paid; negative: given back."""

    kind: TenderKind
    amount: Annotated[int, Meta(ge=-MAX_FEN, le=MAX_FEN, description="Minor units of the receipt's currency.")]


class Rate(Item, frozen=True):
    """What an amount of the receipt's currency is worth in the store's: `given` minor units are `worth` minor units."""

    given: Annotated[int, Meta(ge=1, le=10**9)]
    worth: Annotated[int, Meta(ge=1, le=10**9)]


class LineItem(Item, frozen=True, kw_only=True):
    """One line of a receipt, by number or, where its source has longer names for lines, by id: always by the same.

    A line that a later version leaves out or sets to 0 was not sold after all. Of what is taken back, quantity, paid,
    discount, tax and cost are negative, or 0. What is weighed is sold in pieces, too, and says beside them how much.
    """

    sku: Text128
    line_no: LineNo | None = None
    external_line_id: Text128 | None = None
    kind: Annotated[LineKind, Meta(description="What is neither goods nor a service counts in no sales.")] = "goods"
    quantity: Annotated[int, Meta(ge=-1_000_000, le=1_000_000)]
    paid: Annotated[int, Meta(ge=-MAX_FEN, le=MAX_FEN, description="Paid for the line, tax included, minor units.")]
    title: Annotated[str, Meta(min_length=1, max_length=500)] | None = None
    discount: Amount = 0
    tax: Amount = 0
    tag_price: (
        Annotated[
            int, Meta(ge=0, le=MAX_FEN, description="Price on the tag, of one piece, or of one whole unit of a weight.")
        ]
        | None
    ) = None
    cost: Annotated[Amount, Meta(description="Of the whole line; shown to finance only.")] | None = None
    coupons: Annotated[Coupons, Meta(description="Who bears which part of the discount.")] = msgspec.field(
        default_factory=list
    )
    weight_milli: (
        Annotated[
            int, Meta(ge=1, le=10**9, description="Of what is weighed: thousandths of the unit that the price is for.")
        ]
        | None
    ) = None
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
    discount: Annotated[
        int, Meta(ge=0, le=MAX_FEN, description="Off the whole receipt, not in what the lines say was paid.")
    ] = 0
    coupons: Annotated[Coupons, Meta(description="Who bears which part of that.")] = msgspec.field(default_factory=list)
    tenders: Annotated[list[Tender], Meta(max_length=20)] = msgspec.field(default_factory=list)
    staff_purchase: Annotated[bool, Meta(description="Bought by somebody of the chain.")] = False
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$", description="By default the store's.")] | None = None
    rate: Annotated[Rate, Meta(description="Where the currency is not the store's.")] | None = None


def number_of(line_id: str) -> int:
    """The number of a line that has an id instead: of the id alone, so that whatever comes first has the same."""
    return (digest(line_id.encode()) & (MAX_SOURCE_VERSION >> 1)) | (MAX_SOURCE_VERSION + 1) >> 1


def numbered(item: OrderItem) -> OrderItem:
    """The order with a number for each of its lines that have an id."""
    if not any(line.external_line_id or (line.original and line.original.external_line_id) for line in item.lines):
        return item
    return msgspec.structs.replace(item, lines=[_numbered(line) for line in item.lines])


def _numbered(line: LineItem) -> LineItem:
    original = line.original
    if original and original.external_line_id and original.line is None:
        line = msgspec.structs.replace(
            line, original=msgspec.structs.replace(original, line=number_of(original.external_line_id))
        )
    if line.external_line_id and line.line_no is None:
        line = msgspec.structs.replace(line, line_no=number_of(line.external_line_id))
    return line


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
        lines=[_folded_line(line) for line in sorted(item.lines, key=lambda line: line.line_no or 0)],
    )
    return digest(msgspec.json.encode(content))


def _folded_line(line: LineItem) -> LineItem:
    return msgspec.structs.replace(line, serving=folded(line.serving)) if line.serving else line


def folded(servings: list[Serving]) -> list[Serving]:
    """Staff numbers as they are compared."""
    return [Serving(staff_no=fold_code(one.staff_no), share_bp=one.share_bp) for one in servings]
