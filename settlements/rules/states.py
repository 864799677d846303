"""The states of a statement; a settlement's are those of its pay period (commissions/rules/states.py)."""

from commissions.rules.states import PERIOD_MOVES
from kit.moves import Moves

STATEMENT_MOVES: Moves = {
    ("in_review", "approve"): "approved",
    ("in_review", "hold"): "held",
    ("held", "release"): "in_review",
    ("in_review", "reject"): "rejected",
    # Closing the period anew puts what was rejected before the reviewer again.
    ("rejected", "review"): "in_review",
}
DECISIONS = ("approve", "hold", "release", "reject")
# Of an approved period nothing is counted anew: what is rejected then would never be paid.
DECISIONS_AFTERWARDS = ("approve", "hold", "release")
AFTERWARDS = ("approved", "paid", "locked")
# Before anything is posted or fixed, a settlement is only looked at.
PREVIEW = "preview"
SETTLEMENT_STATES = (PREVIEW, *dict.fromkeys(PERIOD_MOVES.values()))


def allows(period_state: str, decision: str) -> bool:
    """Whether statements can be decided on so while their period is in this state."""
    return period_state == "in_review" or (period_state in AFTERWARDS and decision in DECISIONS_AFTERWARDS)


def settlement_state(period_state: str) -> str:
    """What a settlement is called whose pay period is in this state."""
    return PREVIEW if period_state == "open" else period_state
