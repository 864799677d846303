"""Rows of the orders room as answers."""

from collections.abc import Sequence
from typing import Any

from kit.money import as_money
from kit.words import say
from orders.queries.attributions import DecisionRow
from orders.queries.refunds import RefundLineRow, RefundRow
from orders.queries.rejects import RejectRow


def refund(found: tuple[RefundRow, Sequence[RefundLineRow]]) -> dict[str, Any]:
    """A refund with its lines; what is booked as negative is shown as given back."""
    row, lines = found
    told = row._asdict()
    hidden = ("order_currency", "currency", "fee_fen", "cancelled")
    return {
        **{name: value for name, value in told.items() if name not in hidden},
        "state": _state(row, lines),
        "refunded": as_money(-sum(line.given_back_fen for line in lines), row.currency),
        "doubtful": any(line.doubt for line in lines),
        "fee": as_money(row.fee_fen, row.currency),
        "lines": [_line(line, row.currency) for line in lines],
    }


def attribution(decisions: Sequence[DecisionRow]) -> dict[str, Any]:
    """The decision that holds, with those before it."""
    now, *before = decisions
    return {"line_id": now.line_id, "order_id": now.order_id, **_decision(now), "before": [*map(_decision, before)]}


def _decision(row: DecisionRow) -> dict[str, Any]:
    names = row.names or {}
    told = [{**one, "guide_name": names[one["guide_id"]]} for one in row.candidates]
    return _with_words(
        {
            "decision_id": row.id,
            "revision": row.order_revision,
            "policy_version": row.policy_version,
            "cause": row.cause,
            "reason": row.reason,
            "decided_at": row.decided_at,
            "credits": row.credits,
            "candidates": [*map(_with_words, told)],
        }
    )


def _with_words(told: dict[str, Any]) -> dict[str, Any]:
    return {**told, "detail": say(f"claim.{told['reason']}")}


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
        **{name: value for name, value in told.items() if name not in ("given_back_fen", "tax_fen")},
        "quantity": -line.quantity,
        "refunded": as_money(-line.given_back_fen, currency),
        "tax": as_money(-line.tax_fen, currency),
    }


def reject(row: RejectRow) -> dict[str, Any]:
    """An order or refund that was not taken."""
    told = row._asdict()
    told["detail"] = told.pop("said")
    return told
