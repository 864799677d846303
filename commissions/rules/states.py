"""The states of a pay period, and which command leads from one to which; a trigger refuses every other change."""

from kit.errors import Conflict
from kit.moves import Moves

PERIOD_MOVES: Moves = {
    ("open", "close"): "closing",
    ("closing", "finish"): "in_review",
    # Until it is approved, closing again posts what has changed since.
    ("in_review", "close"): "closing",
    ("in_review", "approve"): "approved",
    ("approved", "pay"): "paid",
    ("paid", "lock"): "locked",
}


class PeriodStateForbids(Conflict):
    """The period is not in a state for that: an open one is closed, one in review closed again or approved."""

    code = "period_state_forbids"


def move(state: str, command: str) -> str:
    """The state after a command; raises PeriodStateForbids."""
    after = PERIOD_MOVES.get((state, command))
    if after is None:
        raise PeriodStateForbids
    return after
