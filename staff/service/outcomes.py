"""What became of the rows of a file, whatever they are of."""

from dataclasses import dataclass

from kit.problems import Problem


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the row at `index`: created, updated, unchanged or rejected, then with the problem."""

    index: int
    key: str
    outcome: str
    problem: Problem | None = None
