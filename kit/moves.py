"""State machines: which command moves what from which state to which.

A room keeps its table in `rules/states.py`. Services ask it before they write; a trigger refuses every other change of
the state (`refuse_other_moves` in models/guards). tests/test_moves.py compares the trigger and docs with it.
"""

from collections.abc import Mapping

# (state, command) -> the state it is in then, which may be the same.
Moves = Mapping[tuple[str, str], str]


def states_before(moves: Moves, command: str) -> tuple[str, ...]:
    """The states in which the command is possible."""
    return tuple(state for state, possible in moves if possible == command)


def state_after(moves: Moves, command: str) -> str:
    """The one state that the command leads to; raises ValueError where that depends on the state before."""
    [after] = {after for (_, possible), after in moves.items() if possible == command}
    return after


def as_changes(moves: Moves) -> list[str]:
    """What the trigger is told: `before>after` of each move that changes the state."""
    return sorted({f"{before}>{after}" for (before, _), after in moves.items() if before != after})
