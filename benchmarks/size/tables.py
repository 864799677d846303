"""The tables of a made-up chain, each with what makes its rows, in the order they are declared."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from benchmarks.size.chain import Chain

Row = tuple[Any, ...]
Rows = Callable[[Chain], Iterator[Row]]


class Table(NamedTuple):
    """A table, the columns that are written, and their rows."""

    name: str
    columns: tuple[str, ...]
    rows: Rows


TABLES: list[Table] = []


def table(name: str, columns: str) -> Callable[[Rows], Rows]:
    """Let the function make the rows of a table, of these columns."""

    def declare(rows: Rows) -> Rows:
        TABLES.append(Table(name, tuple(columns.split()), rows))
        return rows

    return declare
