"""The states of a target, and which command leads from one to which; a trigger refuses every other change."""

from kit.errors import Conflict
from kit.moves import Moves

STATES = ("proposed", "change_proposed", "returned", "approved")
COMMANDS = ("set", "propose", "approve", "return")
# What a target is before anybody said anything of it.
NONE = ""

# How a target begins.
FIRST = {"set": "approved", "propose": "proposed"}
TARGET_MOVES: Moves = {
    ("proposed", "set"): "approved",
    ("proposed", "propose"): "proposed",
    ("proposed", "approve"): "approved",
    ("proposed", "return"): "returned",
    ("returned", "set"): "approved",
    ("returned", "propose"): "proposed",
    ("approved", "set"): "approved",
    ("approved", "propose"): "change_proposed",
    ("change_proposed", "set"): "approved",
    ("change_proposed", "propose"): "change_proposed",
    ("change_proposed", "approve"): "approved",
    # What was approved before holds on.
    ("change_proposed", "return"): "approved",
}


class TargetStateForbids(Conflict):
    """Only what was proposed can be approved or returned."""

    code = "target_state_forbids"


def move(state: str, command: str) -> str:
    """The state after a command; raises TargetStateForbids."""
    after = FIRST.get(command) if state == NONE else TARGET_MOVES.get((state, command))
    if after is None:
        raise TargetStateForbids(state=state)
    return after
