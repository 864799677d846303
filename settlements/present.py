"""Rows of the settlements room as answers."""

from collections.abc import Mapping, Sequence
from typing import Any

from kit.money import WHOLE_BP, as_money, money_or_none, share_fen
from kit.words import say
from settlements.queries.lines import CauseSum, LineRow, WhyRow
from settlements.queries.settlements import AMOUNTS, SettlementRow, Step, Total
from settlements.queries.statements import AmountsRow, StatementRow
from settlements.rules.states import settlement_state
from settlements.service.decisions import Decided

Answer = dict[str, Any]


def settlement(row: SettlementRow) -> Answer:
    """A settlement; its state is that of its pay period."""
    names = (
        *("id", "first_day", "last_day", "counted_at", "empty_because", "closed_by", "closed_at"),
        *("approved_by", "approved_at", "created_by", "created_at"),
    )
    return {**{name: getattr(row, name) for name in names}, "state": settlement_state(row.period_state)}


def settlement_detail(row: SettlementRow, totals: Sequence[Total], steps: Sequence[Step]) -> Answer:
    """A settlement with what its statements come to, and what was done to it."""
    return {**settlement(row), "totals": summed(totals), "steps": [step._asdict() for step in steps]}


def decided(done: Decided, totals: Sequence[Total]) -> Answer:
    """How many statements were decided on, and what all of them come to now."""
    return {**done._asdict(), "totals": summed(totals)}


def summed(totals: Sequence[Total]) -> list[Answer]:
    """What statements come to, by currency and state."""
    return [{**_amounts(one._asdict()), "state": one.state, "statements": one.statements} for one in totals]


def compared(row: AmountsRow) -> Answer:
    """What somebody would be paid, beside what they were paid last."""
    names = ("guide_id", "staff_no", "guide_name", "currency", "exceptions")
    told = {name: getattr(row, name) for name in names}
    return {**told, **_amounts(row._asdict()), "last_payable": money_or_none(row.last_fen, row.currency)}


def statement(row: StatementRow) -> Answer:
    """A statement without its lines."""
    names = (
        *("id", "settlement_id", "first_day", "last_day", "guide_id", "staff_no", "guide_name", "store_id"),
        *("store_code", "currency", "state", "reason", "held_until", "exceptions"),
    )
    told = {name: getattr(row, name) for name in names}
    return {**told, **_amounts(row._asdict()), "last_payable": money_or_none(row.last_fen, row.currency)}


def statement_detail(row: StatementRow, causes: Sequence[CauseSum], steps: Sequence[Step]) -> Answer:
    """A statement by what caused its entries, with what was done to it."""
    told = [_cause(one, row.currency) for one in causes]
    return {**statement(row), "causes": told, "steps": [step._asdict() for step in steps]}


def line(row: LineRow) -> Answer:
    """A line of a statement."""
    hidden = ("entry_id", "signed_fen", "currency", "net_fen", "rule")
    told = {name: value for name, value in row._asdict().items() if name not in hidden}
    return {
        **told,
        "id": row.entry_id,
        "amount": as_money(row.signed_fen, row.currency),
        "net": money_or_none(row.net_fen, row.currency),
        "rule_name": row.rule["name"] if row.rule else None,
    }


def why(row: WhyRow) -> Answer:
    """All that a line rests on, the losing candidates and the rounding included."""
    hidden = ("line", "candidates", "names")
    told = {name: value for name, value in row._asdict().items() if name not in hidden}
    candidates = [
        {**one, "guide_name": row.names[one["guide_id"]], "detail": say(f"claim.{one['reason']}")}
        for one in row.candidates
    ]
    return {
        **told,
        "line": line(row.line),
        "rule": row.line.rule,
        "rounding": _rounding(row.line),
        "candidates": candidates,
    }


def _rounding(row: LineRow) -> Answer | None:
    if row.rate_bp is None or row.net_fen is None:
        return None
    exact = row.net_fen * row.rate_bp
    return {"numerator": exact, "denominator": WHOLE_BP, "rounded": share_fen(row.net_fen, row.rate_bp)}


def _cause(one: CauseSum, currency: str) -> Answer:
    accrued, reversed_ = (as_money(fen, currency) for fen in (one.accrued_fen, one.reversed_fen))
    return {"cause": one.cause, "entries": one.entries, "accrued": accrued, "reversed": reversed_}


def _amounts(told: Mapping[str, Any]) -> Answer:
    return {name.removesuffix("_fen"): as_money(told[name], told["currency"]) for name in AMOUNTS}
