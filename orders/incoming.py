"""What tills and shops send: the shape of one order in a batch."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from kit.versions import MAX_SOURCE_VERSION
from kit.web.batch import Item

# Ten billion yuan: far above any receipt, far below where basis-point arithmetic would leave 64 bits.
MAX_FEN = 10**12

Amount = Annotated[int, Meta(ge=0, le=MAX_FEN, description="Minor units of the store's currency.")]
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


class LineItem(Item, frozen=True):
    """One line of a receipt. A line that a later version leaves out or sets to 0 was not sold after all."""

    line_no: Annotated[int, Meta(ge=1, le=100_000)]
    sku: Text128
    quantity: Annotated[int, Meta(ge=0, le=1_000_000)]
    paid: Annotated[int, Meta(ge=0, le=MAX_FEN, description="Paid for the line, tax included, minor units.")]
    title: Annotated[str, Meta(min_length=1, max_length=500)] | None = None
    discount: Amount = 0
    tax: Amount = 0
    serving: Annotated[Servings, Meta(description="Who served this line; by default the order's.")] | None = None


class OrderItem(Item, frozen=True):
    """A receipt as its source now describes it: the whole of it, not a change."""

    external_id: Text128
    version: Annotated[
        int, Meta(ge=0, le=MAX_SOURCE_VERSION, description="Grows with every change; an older one is stale.")
    ]
    store: Annotated[str, Meta(min_length=1, max_length=64, description="The store's code.")]
    ordered_at: Annotated[datetime, Meta(tz=True)]
    channel: Annotated[str, Meta(min_length=1, max_length=64, examples=["pos", "mini_program"])]
    lines: Annotated[list[LineItem], Meta(min_length=1, max_length=1000)]
    member_no: Text64 | None = None
    share_token: Annotated[str, Meta(min_length=1, max_length=32)] | None = None
    serving: Servings = msgspec.field(default_factory=list)
