"""Files of regions, stores and staff: read row by row, taken in by the thousand, told line by line."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, nullcontext
from functools import partial
from typing import Any, BinaryIO

from kit import sheets
from kit.codes import fold_code
from kit.db import rehearsal
from kit.problems import Problem
from kit.sheets import Report
from kit.words import say
from staff.rules.sheets import SHEETS, Sheet, read_header, read_row
from staff.service.areas import import_areas
from staff.service.calendars import import_calendar
from staff.service.imports import import_regions, import_staff, import_stores
from staff.service.outcomes import Outcome
from staff.service.rosters import import_rosters

ROWS_AT_ONCE = 10_000
# Parents may stand anywhere in the file, so regions are taken in whole.
MAX_REGIONS = 20_000

Take = Callable[[list[Any]], list[Outcome]]

IMPORTS: dict[str, Callable[..., list[Outcome]]] = {
    "calendars": import_calendar,
    "store-areas": import_areas,
    "rosters": import_rosters,
    "regions": import_regions,
    "stores": import_stores,
    "staff": import_staff,
}


def import_sheet(kind: str, file: BinaryIO, *, dry_run: bool, encoding: str | None = None, **about: Any) -> Report:
    """Take in a CSV or XLSX of `kind` (of IMPORTS); a dry run reports the same and changes nothing.

    `encoding` is of a text that its sender names one for, `about` what holds of all rows (a calendar's country, who
    sends it).

    Good rows go in, bad ones are told. Raises SheetUnreadable, SheetTooLarge.
    """
    take = partial(IMPORTS[kind], **about)
    at_once = MAX_REGIONS if kind == "regions" else ROWS_AT_ONCE
    return take_in(SHEETS[kind], take, file, dry_run=dry_run, encoding=encoding, at_once=at_once)


def take_in(
    sheet: Sheet, take: Take, file: BinaryIO, *, dry_run: bool, encoding: str | None, at_once: int = ROWS_AT_ONCE
) -> Report:
    """Hand the typed rows of a file to `take`, so many at once; a dry run reports the same and changes nothing.

    Raises SheetUnreadable, SheetHeaderWrong, SheetTooLarge.
    """
    with rehearsal() if dry_run else nullcontext():
        return _take_in(sheet, take, file, encoding=encoding, at_once=at_once)


def _take_in(sheet: Sheet, take: Take, file: BinaryIO, *, encoding: str | None, at_once: int) -> Report:
    report = Report()
    with closing(sheets.read_rows(file, encoding=encoding)) as rows:
        for lines, chunk in _chunks(_typed(sheet, rows, report), at_once):
            for outcome in take(chunk):
                if outcome.problem:
                    _reject(report, lines[outcome.index], outcome.key, outcome.problem)
                else:
                    report.counts[outcome.outcome] += 1
    report.problems.sort(key=lambda problem: problem["line"])
    return report


def _typed(sheet: Sheet, rows: Iterator[sheets.Row], report: Report) -> Iterator[tuple[int, Any]]:
    """Line and row of what can be read and did not occur before; the rest goes to the report."""
    _, cells = next(rows, (0, []))
    names = read_header(sheet, cells)
    seen: set[str] = set()
    for line, cells in rows:
        row = read_row(sheet, names, cells)
        if isinstance(row, Problem):
            _reject(report, line, " ".join(_cell(cells, names.index(key)) for key in sheet.keys), row)
            continue
        key = sheet.key_of(row)
        if fold_code(key) in seen:
            _reject(report, line, key, Problem(sheet.keys[0], say("duplicate", code=key)))
            continue
        seen.add(fold_code(key))
        yield line, row


def _reject(report: Report, line: int, key: str, problem: Problem) -> None:
    report.reject(line, problem, key=key[:64])


def _cell(cells: Sequence[str], index: int) -> str:
    return cells[index] if index < len(cells) else ""


def _chunks(rows: Iterator[tuple[int, Any]], size: int) -> Iterator[tuple[list[int], list[Any]]]:
    lines: list[int] = []
    chunk: list[Any] = []
    for line, row in rows:
        lines.append(line)
        chunk.append(row)
        if len(chunk) == size:
            yield lines, chunk
            lines, chunk = [], []
    if chunk:
        yield lines, chunk
