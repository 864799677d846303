"""The moves of plans and of tasks, and who may make them; triggers refuse every other change (docs/tasks.md)."""

from kit.errors import Conflict
from kit.moves import Moves
from kit.words import say

PLAN_MOVES: Moves = {
    ("draft", "publish"): "published",
    ("paused", "publish"): "published",
    ("published", "pause"): "paused",
    ("draft", "end"): "ended",
    ("published", "end"): "ended",
    ("paused", "end"): "ended",
}

# `finish` is a submit that nobody reviews, or facts that suffice; `hand_in` is one of several submissions.
TASK_MOVES: Moves = {
    ("open", "claim"): "open",
    ("open", "start"): "in_progress",
    ("returned", "start"): "in_progress",
    **dict.fromkeys(((state, "hand_in") for state in ("open", "in_progress", "returned")), "in_progress"),
    **dict.fromkeys(((state, "submit") for state in ("open", "in_progress", "returned")), "submitted"),
    **dict.fromkeys(((state, "finish") for state in ("open", "in_progress", "returned", "blocked")), "done"),
    **dict.fromkeys(((state, "block") for state in ("open", "in_progress", "returned")), "blocked"),
    ("blocked", "unblock"): "in_progress",
    ("submitted", "withdraw"): "in_progress",
    ("submitted", "approve"): "approved",
    ("submitted", "return"): "returned",
    **dict.fromkeys(((state, "reassign") for state in ("open", "in_progress", "returned", "blocked")), "open"),
    **dict.fromkeys(((state, "cancel") for state in ("open", "in_progress", "returned", "blocked")), "cancelled"),
    ("open", "take_away"): "cancelled",
    ("cancelled", "rejoin"): "open",
    ("done", "undo"): "in_progress",
    ("open", "close"): "skipped",
    **dict.fromkeys(((state, "close") for state in ("in_progress", "returned", "blocked")), "expired"),
    ("skipped", "recover"): "open",
    ("expired", "recover"): "in_progress",
}
GUIDE, MANAGER, SYSTEM = "guide", "manager", "system"
# Who gives a command: who has the task, who manages the store, or nobody (the clock, the facts, the placements).
WHO = {
    "claim": {GUIDE},
    "start": {GUIDE},
    "hand_in": {GUIDE},
    "submit": {GUIDE},
    "finish": {GUIDE, SYSTEM},
    "block": {GUIDE},
    "unblock": {GUIDE, MANAGER},
    "withdraw": {GUIDE},
    "approve": {MANAGER},
    "return": {MANAGER},
    "reassign": {MANAGER},
    "cancel": {MANAGER},
    "take_away": {SYSTEM},
    "rejoin": {SYSTEM},
    "undo": {SYSTEM},
    "close": {SYSTEM},
    "recover": {SYSTEM},
}
# What somebody may ask for; of `submit` the task says whether it is a `hand_in`, a `submit` or a `finish`.
COMMANDS = ("claim", "start", "submit", "block", "unblock", "withdraw", "approve", "return", "reassign", "cancel")
NEEDS_REASON = frozenset({"block", "return", "cancel"})
# Facts complete these, and nothing is handed in.
COUNTED_KINDS = frozenset({"forward", "recruit", "follow_up", "sales_target"})


class TaskNotOpen(Conflict):
    """The task's state does not allow this command, or its time has not come or is over."""

    code = "task_not_open"


class TaskPlanStateForbids(Conflict):
    """The plan's state does not allow this: one that has ended stays so."""

    code = "task_plan_state_forbids"


def move_plan(state: str, command: str) -> str:
    """The state of a plan after a command; raises TaskPlanStateForbids."""
    after = PLAN_MOVES.get((state, command))
    if after is None:
        raise TaskPlanStateForbids(say(f"task_plan_state_forbids.{state}"))
    return after


def move_task(state: str, command: str) -> str:
    """The state of a task after a command; raises TaskNotOpen."""
    after = TASK_MOVES.get((state, command))
    if after is None:
        raise TaskNotOpen(say(f"task_not_open.{state}"))
    return after


def submit_as(*, done: int, target: int, review: bool) -> str:
    """What a submission comes to when it is the one after `done` of `target`."""
    if done + 1 < target:
        return "hand_in"
    return "submit" if review else "finish"
