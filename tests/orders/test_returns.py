"""What refunds give back of a sale, and what is left of it: arithmetic that a reader can check."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.rules.returns import Document, Returned, SoldLine, StatedLine, settle

NOON = datetime(2026, 5, 1, 4, tzinfo=UTC)
FIRST, SECOND = UUID(int=1), UUID(int=2)


def sold(id_: UUID = FIRST, line_no: int = 1, **columns: Any) -> SoldLine:
    return SoldLine(**{"id": id_, "line_no": line_no, "codes": (f"SKU-{line_no}",), "quantity": 3, "net_fen": 10_000,
                       "tax_fen": 1_300, **columns})  # fmt: skip


def line(line_no: int = 1, **columns: Any) -> StatedLine:
    return StatedLine(**{"line_no": line_no, "original_line_no": 1, "sku_code": None, "quantity": 0,
                         "amount_fen": None, "tax_fen": None, **columns})  # fmt: skip


def document(*lines: StatedLine, number: int = 1, **columns: Any) -> Document:
    at = NOON + timedelta(days=number)
    told: dict[str, Any] = {"void": False, "whole": not lines, "fee_fen": 0, **columns}
    return Document(receipt_id=UUID(int=100 + number), at=at, external_id=f"R{number}", lines=lines, **told)


def amounts(returned: Sequence[Returned]) -> list[tuple[int, int, int, int | None]]:
    return [(one.quantity, one.net_fen, one.tax_fen, one.kept_fen) for one in returned]


def test_pieces_one_by_one_give_back_exactly_what_was_paid() -> None:
    documents = [document(line(quantity=1), number=number) for number in (1, 2, 3)]
    settled = settle([sold()], documents)
    assert amounts(settled.returned) == [(1, 3_334, 433, 6_666), (1, 3_332, 434, 3_334), (1, 3_334, 433, 0)]
    assert settled.left_fen == {FIRST: 0}


def test_no_more_pieces_come_back_than_were_sold() -> None:
    documents = [document(line(quantity=2), number=1), document(line(quantity=2), number=2)]
    assert [one.quantity for one in settle([sold()], documents).returned] == [2, 1]


def test_amount_has_as_much_tax_in_it_as_the_sale() -> None:
    assert amounts(settle([sold()], [document(line(amount_fen=1_130))]).returned) == [(0, 1_000, 130, 9_000)]
    told = line(amount_fen=1_130, tax_fen=0)
    assert amounts(settle([sold()], [document(told)]).returned) == [(0, 1_130, 0, 8_870)]


def test_whole_order_gives_back_all_that_is_left() -> None:
    lines = [sold(tax_fen=0), sold(SECOND, 2, quantity=1, net_fen=500, tax_fen=0)]
    settled = settle(lines, [document(number=2), document(line(quantity=1), number=1)])
    assert amounts(settled.returned) == [(1, 3_333, 0, 6_667), (2, 6_667, 0, 0), (1, 500, 0, 0)]


def test_fee_is_kept_and_borne_by_what_the_lines_give_back() -> None:
    lines = [sold(quantity=1, net_fen=2_000, tax_fen=0), sold(SECOND, 2, quantity=1, net_fen=1_000, tax_fen=0)]
    settled = settle(lines, [document(fee_fen=100)])
    assert amounts(settled.returned) == [(1, 1_933, 0, 67), (1, 967, 0, 33)]
    # All pieces came back: of what the shop kept, nothing is given back by another refund of the whole.
    again = settle(lines, [document(fee_fen=100), document(number=2)])
    assert [one.net_fen for one in again.returned] == [1_933, 967, 0, 0]


def test_fee_above_what_is_given_back_leaves_nothing() -> None:
    assert amounts(settle([sold()], [document(fee_fen=99_999)]).returned) == [(3, 0, 0, 10_000)]


@pytest.mark.parametrize("whole", [True, False])
def test_void_document_gives_nothing_back(whole: bool) -> None:
    stated = () if whole else (line(quantity=1),)
    settled = settle([sold()], [document(*stated, void=True)])
    assert amounts(settled.returned) == [(0, 0, 0, 10_000)]


def test_sku_finds_a_line_with_pieces_left() -> None:
    lines = [sold(codes=("A", None), quantity=1), sold(SECOND, 2, codes=("A", None), quantity=1)]
    by_sku = [document(line(original_line_no=None, sku_code="A", quantity=1), number=number) for number in (1, 2)]
    assert [one.original_line_id for one in settle(lines, by_sku).returned] == [FIRST, SECOND]


def test_unknown_sale_takes_the_line_at_its_word() -> None:
    [returned] = settle([], [document(line(quantity=2, amount_fen=900, tax_fen=100), fee_fen=90)]).returned
    assert returned.original_line_id is None
    assert amounts([returned]) == [(2, 720, 90, None)]


def test_more_than_paid_may_be_given_back() -> None:
    settled = settle([sold(tax_fen=0)], [document(line(amount_fen=10_001))])
    assert settled.left_fen == {FIRST: -1}


STATED = st.builds(
    line,
    st.integers(1, 3),
    original_line_no=st.sampled_from([None, 1, 2, 3]),
    sku_code=st.sampled_from(["SKU-1", "SKU-2", "SKU-9"]),
    quantity=st.integers(0, 4),
    amount_fen=st.none() | st.integers(0, 20_000),
    tax_fen=st.none() | st.integers(0, 2_000),
)
DOCUMENTS = st.lists(
    st.builds(
        lambda number, lines, fee, void: document(*lines, number=number, fee_fen=fee, void=void),
        st.integers(1, 50),
        st.lists(STATED, max_size=3, unique_by=lambda one: one.line_no),
        st.integers(0, 500),
        st.booleans(),
    ),
    max_size=5,
    unique_by=lambda one: one.receipt_id,
)


@given(DOCUMENTS, st.randoms())
def test_any_order_comes_to_the_same_and_adds_up(documents: list[Document], random: Any) -> None:
    lines = [sold(), sold(SECOND, 2, quantity=1, net_fen=777, tax_fen=0)]
    settled = settle(lines, documents)
    shuffled = random.sample(documents, len(documents))
    assert settle(lines, shuffled) == settled
    for one in lines:
        returned = sum(r.net_fen for r in settled.returned if r.original_line_id == one.id)
        assert settled.left_fen[one.id] == one.net_fen - returned
    assert all(min(r.quantity, r.net_fen, r.tax_fen) >= 0 for r in settled.returned)
