"""What becomes of the import of a file."""

from kit.moves import Moves

RUN_MOVES: Moves = {
    ("queued", "read"): "reading",
    # Whoever takes it on after a crash reads again; also what was staged and is lost.
    ("reading", "read"): "reading",
    ("applying", "read"): "reading",
    ("reading", "hold"): "held",
    ("reading", "apply"): "applying",
    ("held", "confirm"): "applying",
    ("reading", "finish"): "done",
    ("applying", "finish"): "done",
    ("reading", "fail"): "failed",
    ("applying", "fail"): "failed",
    ("queued", "cancel"): "cancelled",
    ("reading", "cancel"): "cancelled",
    ("held", "cancel"): "cancelled",
    ("applying", "cancel"): "cancelled",
}
# A worker has it, or should have.
UNDER_WAY = ("reading", "applying")
