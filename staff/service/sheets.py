"""Files of regions, stores and staff: read row by row, taken in by the thousand, told line by line."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from typing import BinaryIO

from kit import sheets
from kit.codes import fold_code
from kit.db import rehearsal
from kit.problems import Problem
from kit.sheets import Report
from kit.words import say
from staff.rules.sheets import SHEETS, Row, Sheet, read_header, read_row
from staff.service.imports import Outcome, import_regions, import_staff, import_stores

ROWS_AT_ONCE = 10_000
# Parents may stand anywhere in the file, so regions are taken in whole.
MAX_REGIONS = 20_000

IMPORTS: dict[str, Callable[..., list[Outcome]]] = {
    "regions": import_regions,
    "stores": import_stores,
    "staff": import_staff,
}


def import_sheet(kind: str, file: BinaryIO, *, dry_run: bool, encoding: str | None = None) -> Report:
    """Take in a CSV or XLSX of `kind` (regions, stores, staff); a dry run reports the same and changes nothing.

    `encoding` is of a text that its sender names one for.

    Good rows go in, bad ones are told. Raises SheetUnreadable, SheetTooLarge.
    """
    if dry_run:
        with rehearsal():
            return _import_sheet(kind, file, encoding)
    return _import_sheet(kind, file, encoding)


def _import_sheet(kind: str, file: BinaryIO, encoding: str | None) -> Report:
    report = Report()
    at_once = MAX_REGIONS if kind == "regions" else ROWS_AT_ONCE
    with closing(sheets.read_rows(file, encoding=encoding)) as rows:
        for lines, chunk in _chunks(_typed(SHEETS[kind], rows, report), at_once):
            for outcome in IMPORTS[kind](chunk):
                if outcome.problem:
                    _reject(report, lines[outcome.index], outcome.key, outcome.problem)
                else:
                    report.counts[outcome.outcome] += 1
    report.problems.sort(key=lambda problem: problem["line"])
    return report


def _typed(sheet: Sheet, rows: Iterator[sheets.Row], report: Report) -> Iterator[tuple[int, Row]]:
    """Line and row of what can be read and did not occur before; the rest goes to the report."""
    _, cells = next(rows, (0, []))
    names = read_header(sheet, cells)
    seen: set[str] = set()
    for line, cells in rows:
        row = read_row(sheet, names, cells)
        if isinstance(row, Problem):
            _reject(report, line, _cell(cells, names.index(sheet.key)), row)
            continue
        key = getattr(row, sheet.key)
        if fold_code(key) in seen:
            _reject(report, line, key, Problem(sheet.key, say("duplicate", code=key)))
            continue
        seen.add(fold_code(key))
        yield line, row


def _reject(report: Report, line: int, key: str, problem: Problem) -> None:
    report.reject(line, problem, key=key[:64])


def _cell(cells: Sequence[str], index: int) -> str:
    return cells[index] if index < len(cells) else ""


def _chunks(rows: Iterator[tuple[int, Row]], size: int) -> Iterator[tuple[list[int], list[Row]]]:
    lines: list[int] = []
    chunk: list[Row] = []
    for line, row in rows:
        lines.append(line)
        chunk.append(row)
        if len(chunk) == size:
            yield lines, chunk
            lines, chunk = [], []
    if chunk:
        yield lines, chunk
