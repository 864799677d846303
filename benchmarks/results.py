"""What a benchmark hands back: figures, each beside its peer or its limit of the same run."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, kw_only=True)
class Result:
    """One figure; its bounds hold for the ratio to the peer, or for the figure itself where there is no peer."""

    name: str
    unit: str
    value: float
    peer: str = ""
    peer_value: float | None = None
    ratio: float | None = None
    at_least: float | None = None
    at_most: float | None = None
    beside: Mapping[str, float | str] = field(default_factory=dict)

    @property
    def passed(self) -> bool | None:
        """Whether it is within its bounds; None where nothing was promised."""
        if self.at_least is None and self.at_most is None:
            return None
        held = self.value if self.ratio is None else self.ratio
        return (self.at_least is None or held >= self.at_least) and (self.at_most is None or held <= self.at_most)

    @property
    def limit(self) -> str:
        """The bounds in words."""
        what = "" if self.ratio is None else " × peer"
        bounds = [f"≥ {self.at_least:g}{what}"] if self.at_least is not None else []
        bounds += [f"≤ {self.at_most:g}{what}"] if self.at_most is not None else []
        return ", ".join(bounds)

    def as_json(self) -> dict[str, Any]:
        return {**vars(self), "beside": dict(self.beside), "limit": self.limit, "passed": self.passed}


def paired(*, name: str, unit: str, pairs: Sequence[tuple[float, float]], peer: str, **options: Any) -> Result:
    """The medians of (ours, peer's) pairs, and the median of the pairs' ratios."""
    return Result(
        name=name,
        unit=unit,
        value=median(ours for ours, _ in pairs),
        peer=peer,
        peer_value=median(theirs for _, theirs in pairs),
        ratio=median(ours / theirs for ours, theirs in pairs),
        **options,
    )


def print_table(results: Iterable[Result], console: Console) -> None:
    """All figures, one a line."""
    table = Table("what", "figure", "unit", "beside it", "peer's", "ratio", "limit", "", title="make bench")
    for column in (1, 4, 5):
        table.columns[column].justify = "right"
    for result in results:
        table.add_row(
            _with_details(result),
            _number(result.value),
            result.unit,
            result.peer,
            _number(result.peer_value),
            _number(result.ratio),
            result.limit,
            {True: "[green]held[/]", False: "[red]MISSED[/]", None: ""}[result.passed],
        )
    console.print(table)


def write_json(path: Path, *, machine: Mapping[str, Any], results: Iterable[Result]) -> None:
    """The same as data, with the machine it was seen on."""
    content = {"machine": dict(machine), "results": [result.as_json() for result in results]}
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n")


def _with_details(result: Result) -> str:
    details = ", ".join(f"{name} {_number(v) if isinstance(v, float) else v}" for name, v in result.beside.items())
    return f"{result.name}\n[dim]{details}[/]" if details else result.name


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
