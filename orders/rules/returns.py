"""What refunds give back of a sale, and what is left of it. Pure; amounts are minor units, none of them negative."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from kit.money import split_by_weight


class SoldLine(NamedTuple):
    """A line of a sale, of whatever kind; paid for it: `net_fen` and the tax."""

    id: UUID
    line_no: int
    codes: tuple[str | None, ...]  # what its SKU is called, by itself and by the source
    quantity: int
    net_fen: int
    tax_fen: int


class StatedLine(NamedTuple):
    """What a document says of one line; without an amount, what was paid for the pieces."""

    line_no: int
    original_line_no: int | None
    sku_code: str | None
    quantity: int
    amount_fen: int | None
    tax_fen: int | None


class Document(NamedTuple):
    """What a refund, or a receipt with returns, says of one sale; `void`: it gives nothing back."""

    receipt_id: UUID
    at: datetime
    external_id: str
    void: bool
    whole: bool
    fee_fen: int
    lines: Sequence[StatedLine]


class Returned(NamedTuple):
    """What a line of a document comes to; `kept_fen` is left of the sale's line after it, None where none is known.

    `doubt` (models.orders.DOUBTS): it takes back more than there was, or what the sale does not have.
    """

    receipt_id: UUID
    line_no: int
    original_line_id: UUID | None
    quantity: int
    net_fen: int
    tax_fen: int
    kept_fen: int | None
    doubt: str | None = None


class Settled(NamedTuple):
    """What every line of the documents comes to, and what is left of each line of the sale, by its id."""

    returned: list[Returned]
    left_fen: dict[UUID, int]


class _Left:
    """What has not been given back of a line yet."""

    def __init__(self, sold: SoldLine) -> None:
        self.sold = sold
        self.pieces, self.net, self.tax = sold.quantity, sold.net_fen, sold.tax_fen

    @property
    def gross(self) -> int:
        return max(self.net + self.tax, 0)


class _Draft(NamedTuple):
    line_no: int
    left: _Left | None
    quantity: int
    gross: int
    tax: int
    doubt: str | None = None


def settle(sold: Sequence[SoldLine], documents: Sequence[Document]) -> Settled:
    """Go through the documents of a sale in the order of their own time, whatever came in first.

    Of an unknown sale, `sold` is empty: what a line says of itself counts. More money may be given back than was paid,
    and no more pieces than were sold; either is told as a doubt.
    """
    lines = [_Left(line) for line in sorted(sold, key=lambda line: line.line_no)]
    returned: list[Returned] = []
    for document in sorted(documents, key=lambda one: (one.at, one.external_id, one.receipt_id)):
        # Line by line: what a line takes is gone for the next one.
        for draft in _less_fee(document, list(_drafts(document, lines))):
            returned.append(_returned(document, draft))
    return Settled(returned, {line.sold.id: line.net for line in lines})


def _returned(document: Document, draft: _Draft) -> Returned:
    net, left, doubt = draft.gross - draft.tax, draft.left, draft.doubt
    if left is None:
        return Returned(document.receipt_id, draft.line_no, None, draft.quantity, net, draft.tax, None, doubt)
    left.net -= net
    left.tax -= draft.tax
    if draft.gross and left.net + left.tax < 0:
        doubt = doubt or "more_money_than_paid"
    return Returned(document.receipt_id, draft.line_no, left.sold.id, draft.quantity, net, draft.tax, left.net, doubt)


def _drafts(document: Document, lines: Sequence[_Left]) -> Iterator[_Draft]:
    if document.whole:
        yield from (_all_of(line, void=document.void) for line in lines)
    for stated in sorted(document.lines, key=lambda line: line.line_no):
        left = _find(stated, lines)
        draft = _Draft(stated.line_no, left, 0, 0, 0) if document.void else _draft(stated, left)
        if lines and left is None and not document.void:
            draft = draft._replace(doubt="no_such_order_line")
        if left:
            left.pieces -= draft.quantity
        yield draft


def _all_of(left: _Left, *, void: bool) -> _Draft:
    if void or (left.sold.quantity and left.pieces <= 0):
        return _Draft(left.sold.line_no, left, 0, 0, 0)
    pieces, left.pieces = left.pieces, 0
    return _Draft(left.sold.line_no, left, pieces, left.gross, min(max(left.tax, 0), left.gross))


def _find(stated: StatedLine, lines: Sequence[_Left]) -> _Left | None:
    """The line that is named, else the first of the SKU, of which pieces are left if any are."""
    if stated.original_line_no is not None:
        return next((line for line in lines if line.sold.line_no == stated.original_line_no), None)
    same = [line for line in lines if stated.sku_code in line.sold.codes]
    return next((line for line in same if line.pieces >= max(stated.quantity, 1)), same[0] if same else None)


def _draft(stated: StatedLine, left: _Left | None) -> _Draft:
    quantity = stated.quantity if left is None else min(stated.quantity, max(left.pieces, 0))
    doubt = "more_pieces_than_sold" if quantity < stated.quantity else None
    if stated.amount_fen is not None:
        tax = stated.tax_fen
        if tax is None:
            tax = _part(left.sold.tax_fen, stated.amount_fen, left.sold.net_fen + left.sold.tax_fen) if left else 0
        return _Draft(stated.line_no, left, quantity, stated.amount_fen, min(tax, stated.amount_fen), doubt)
    if left is None:
        return _Draft(stated.line_no, None, quantity, 0, 0)
    gross = min(_of_pieces(left, left.sold.net_fen + left.sold.tax_fen, quantity), left.gross)
    tax = min(_of_pieces(left, left.sold.tax_fen, quantity), gross)
    return _Draft(stated.line_no, left, quantity, gross, tax, doubt)


def _of_pieces(left: _Left, amount: int, quantity: int) -> int:
    """Their part of an amount, so that the parts of all pieces sum to it."""
    before = left.sold.quantity - left.pieces
    return _part(amount, before + quantity, left.sold.quantity) - _part(amount, before, left.sold.quantity)


def _part(amount: int, numerator: int, denominator: int) -> int:
    """Rounded half up."""
    return (amount * numerator * 2 + denominator) // (2 * denominator) if denominator else 0


def _less_fee(document: Document, drafts: list[_Draft]) -> list[_Draft]:
    """What is given back after the fee, which the lines bear by what they give back, by largest remainder."""
    total = sum(draft.gross for draft in drafts)
    if not document.fee_fen or not total:
        return drafts
    borne = split_by_weight(min(document.fee_fen, total), [draft.gross for draft in drafts])
    return [
        draft._replace(gross=draft.gross - fee, tax=draft.tax - _part(draft.tax, fee, draft.gross))
        for draft, fee in zip(drafts, borne, strict=True)
    ]
