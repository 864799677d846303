"""What a long load tells while it runs and when it is done."""

import resource
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

WROTE = ("created", "updated", "written")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What one stage took, and what became of its rows."""

    name: str
    rows: int
    seconds: float
    peak_rss_mib: int
    outcomes: dict[str, int]

    @property
    def written(self) -> int:
        """How many rows were created or changed."""
        return sum(self.outcomes.get(word, 0) for word in WROTE)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {**asdict(self), "rows_per_second": round(self.rows / self.seconds)}


class Recorder:
    """Shows a bar per stage, and keeps the stages."""

    def __init__(self) -> None:
        self.stages: list[Stage] = []
        self._progress = Progress(
            TextColumn("{task.description:<12}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
            TimeRemainingColumn(),
        )  # fmt: skip

    def __enter__(self) -> "Recorder":
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    @contextmanager
    def stage(self, name: str, *, total: int | None) -> Iterator["Tally"]:
        """Time what happens inside, and count what it reports."""
        bar = self._progress.add_task(name, total=total)
        tally = Tally(lambda done: self._progress.update(bar, completed=done))
        start = time.perf_counter()
        yield tally
        seconds = time.perf_counter() - start
        self._progress.update(bar, total=tally.done or 1, completed=tally.done or 1)
        # Linux counts in KiB.
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        rows = tally.done if tally.rows is None else tally.rows
        stage = Stage(name=name, rows=rows, seconds=seconds, peak_rss_mib=peak, outcomes=dict(tally.outcomes))
        self.stages.append(stage)


class Tally:
    """What a stage has done so far. `rows` is for one whose bar counts something coarser than rows."""

    def __init__(self, show_done: Callable[[int], None]) -> None:
        self.done = 0
        self.rows: int | None = None
        self.outcomes: Counter[str] = Counter()
        self._show_done = show_done

    def add(self, done: int, outcomes: Counter[str]) -> None:
        """Count `done` more, and what became of them."""
        self.done += done
        self.outcomes.update(outcomes)
        self._show_done(self.done)


def show(stages: list[Stage]) -> None:
    """Print the stages as a table, and in a sentence whether anything changed."""
    table = Table("stage", "rows", "seconds", "rows/s", "written", "peak RSS MiB", title="The Complete Journey")
    for column in table.columns[1:]:
        column.justify = "right"
    for stage in stages:
        speed = f"{stage.rows / stage.seconds:,.0f}"
        cells = (f"{stage.rows:,}", f"{stage.seconds:.1f}", speed, f"{stage.written:,}", str(stage.peak_rss_mib))
        table.add_row(stage.name, *cells)
    console = Console()
    console.print(table)
    total, written = sum(stage.seconds for stage in stages), sum(stage.written for stage in stages)
    said = f"{written:,} rows written" if written else "everything was there already: nothing written"
    console.print(f"{said}, {total:.0f} s")
