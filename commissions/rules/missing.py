"""Why a line of a receipt pays somebody, or not."""

from collections.abc import Sequence
from typing import Literal, NamedTuple, get_args

from commissions.rules.pay.explaining import LineTried

Why = Literal[
    "posted", "taken_back", "waiting_for_posting", "waiting_for_closing", "credited_to_others", "credited_to_nobody",
    "no_rule_matched", "pays_nothing",
]  # fmt: skip
WHYS: tuple[Why, ...] = get_args(Why)


class Tried(NamedTuple):
    """A plan in force for a line, tried on it, and which of its rules post with each sale."""

    plan_code: str
    plan_version: int
    at_once: frozenset[str]
    line: LineTried


class Stand(NamedTuple):
    """How a line stands with somebody: whose credit it is, what was posted to them, in fen, and what is still to be."""

    is_mine: bool
    is_credited: bool
    is_owed_posting: bool
    is_closed: bool  # the pay of its day
    posted_fen: int | None  # None: nothing ever was


def why(stand: Stand, tried: Sequence[Tried]) -> Why:
    """The first reason that holds, in the order in which a sale becomes pay."""
    if not stand.is_mine:
        return "credited_to_others" if stand.is_credited else "credited_to_nobody"
    if stand.is_owed_posting:
        return "waiting_for_posting"
    if stand.posted_fen is not None:
        return "posted" if stand.posted_fen else "taken_back"
    fitting = [
        trial.rule.name in plan.at_once
        for plan in tried
        for trial in plan.line.trials
        if trial.verdict in ("decides", "on_top")
    ]
    if not fitting:
        return "no_rule_matched"
    return "pays_nothing" if stand.is_closed or all(fitting) else "waiting_for_closing"
