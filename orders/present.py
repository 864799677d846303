"""Rows of the orders room as answers."""

from collections.abc import Sequence
from typing import Any

from kit.money import as_money
from orders.queries.refunds import RefundLineRow, RefundRow
from orders.queries.rejects import RejectRow


def refund(found: tuple[RefundRow, Sequence[RefundLineRow]]) -> dict[str, Any]:
    """A refund with its lines; what is booked as negative is shown as given back."""
    row, lines = found
    told = row._asdict()
    hidden = ("order_currency", "currency", "net_fen", "fee_fen", "cancelled")
    return {
        **{name: value for name, value in told.items() if name not in hidden},
        "state": _state(row, lines),
        "refunded": as_money(-row.net_fen, row.currency),
        "fee": as_money(row.fee_fen, row.currency),
        "lines": [_line(line, row.currency) for line in lines],
    }


def _state(row: RefundRow, lines: Sequence[RefundLineRow]) -> str:
    if row.cancelled:
        return "cancelled"
    if row.order_currency not in (None, row.currency):
        return "other_currency"
    unknown = not lines or any(line.original_line_id is None for line in lines)
    return "original_unknown" if unknown else "given_back"


def _line(line: RefundLineRow, currency: str) -> dict[str, Any]:
    told = line._asdict()
    return {
        **{name: value for name, value in told.items() if name not in ("net_fen", "tax_fen")},
        "quantity": -line.quantity,
        "refunded": as_money(-line.net_fen, currency),
        "tax": as_money(-line.tax_fen, currency),
    }


def reject(row: RejectRow) -> dict[str, Any]:
    """An order or refund that was not taken."""
    told = row._asdict()
    told["detail"] = told.pop("said")
    return told
