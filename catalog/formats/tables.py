"""Rows of CSV, TSV and XLSX files as dictionaries by column name, with what their cells show.

Of text files the encoding is the one that the source names, or else found out (`kit.encodings`). A stray quote costs at
most its own row.
"""

import csv
from collections.abc import Iterator, Sequence
from typing import BinaryIO, NamedTuple

from catalog.formats.pieces import MAX_RAW, BadRow, BrokenFile
from kit.cells import as_shown, needs_reading
from kit.encodings import EncodingUnknown
from kit.sheets import Lines, header_line, open_text, read_workbook_rows
from kit.words import say
from kit.workbook_parts import IN_JOB, SheetTooLarge, SheetUnreadable

DELIMITERS = (",", "\t", ";", "|")


class Cells(NamedTuple):
    """A row: its cells by column name, and the texts that it was made of, for people who look for it in the file."""

    line_no: int
    cells: dict[str, str]
    texts: Sequence[str]
    between: str = ""

    @property
    def raw(self) -> str:
        """The row as the file has it; of a workbook what its cells show, with tabs between."""
        return self.between.join(self.texts)[:MAX_RAW].rstrip("\r\n").replace("\x00", "�")


TableRow = Cells | BadRow


def read_text_table(
    stream: BinaryIO, *, required: Sequence[Sequence[str]], encoding: str | None = None
) -> Iterator[TableRow]:
    """Rows with their line numbers from a CSV or TSV file, whatever its delimiter and encoding.

    `required` holds, per column that must be there, the names it may have. Raises BrokenFile.
    """
    try:
        text = open_text(stream, encoding)
    except EncodingUnknown as error:
        raise BrokenFile(error.said) from None
    lines = Lines(text)
    try:
        delimiter, header = _header(header_line(lines), required)
        yield from _records(lines, delimiter, header)
    except UnicodeDecodeError as error:
        raise BrokenFile(say("encoding_unknown.line", line=lines.line_no + 1, encoding=error.encoding)) from None
    except SheetTooLarge as error:
        raise BrokenFile(say("file_too_large", why=error.said)) from None
    finally:
        text.detach()


def read_workbook(
    stream: BinaryIO, *, required: Sequence[Sequence[str]], decimal_sign: str = "."
) -> Iterator[TableRow]:
    """Rows of the first sheet of an XLSX file, as its cells show them; raises BrokenFile."""
    try:
        rows = read_workbook_rows(stream, limits=IN_JOB, decimal_sign=decimal_sign)
        _, cells = next(rows, (0, []))
        header = [as_shown(name) for name in cells]
        _require(header, required)
        for line_no, cells in rows:
            yield Cells(line_no, dict(zip(header, map(as_shown, cells), strict=False)), cells, between="\t")
    except SheetTooLarge as error:
        raise BrokenFile(say("file_too_large", why=error.said)) from None
    except SheetUnreadable as error:
        raise BrokenFile(say("not_xlsx", why=error.said)) from None


def _records(lines: Lines, delimiter: str, header: list[str]) -> Iterator[TableRow]:
    width = len(header)
    while (cells := _next_cells(lines, delimiter, width)) is not None:
        line_no = lines.line_no - len(lines.taken) + 1
        if not any(cell.strip() for cell in cells):
            continue
        if any(map(needs_reading, lines.taken)):
            cells = [as_shown(cell) for cell in cells]
        if len(cells) == width or (len(cells) > width and not any(cells[width:])):
            yield Cells(line_no, dict(zip(header, cells, strict=False)), lines.taken)
        else:
            yield _misfit(lines, line_no, cells, header)


def _next_cells(lines: Lines, delimiter: str, width: int) -> list[str] | None:
    """The cells of the next row, None at the end; a row that cannot be read is one cell with its text."""
    lines.taken = []
    try:
        cells = next(csv.reader(lines, delimiter=delimiter))
    except StopIteration:
        return None
    except csv.Error:
        cells = [lines.taken[0]]
    if len(lines.taken) > 1 and len(cells) != width:
        # A quote opened that nobody meant: read the row without quotes, and the lines it swallowed again.
        lines.give_back(lines.taken[1:])
        del lines.taken[1:]
        cells = lines.taken[0].rstrip("\r\n").split(delimiter)
    return cells


def _misfit(lines: Lines, line_no: int, cells: list[str], header: list[str]) -> BadRow:
    if len(cells) < len(header) and not lines.last.endswith(("\n", "\r")) and next(lines, None) is None:
        raise BrokenFile(say("file_cut.line", line=line_no))
    return BadRow(
        line_no=line_no,
        said=say("columns_misfit", cells=len(cells), columns=len(header)),
        raw=Cells(line_no, {}, lines.taken).raw,
        cells=tuple(cell.strip(' "') for cell in cells),
    )


def _header(line: str, required: Sequence[Sequence[str]]) -> tuple[str, list[str]]:
    seen: list[str] = []
    for delimiter in DELIMITERS:
        header = [as_shown(name).strip() for name in next(csv.reader([line], delimiter=delimiter), [])]
        if not _missing(header, required):
            _require(header, required)
            return delimiter, header
        seen = max(seen, header, key=len)
    _require(seen, required)
    raise AssertionError("a header that lacks nothing was found above")


def _missing(header: list[str], required: Sequence[Sequence[str]]) -> list[str]:
    return [names[0] for names in required if not set(names) & set(header)]


def _require(header: list[str], required: Sequence[Sequence[str]]) -> None:
    if repeated := [name for names in required for name in names if header.count(name) > 1]:
        raise BrokenFile(say("columns_repeated", columns=repeated))
    if missing := _missing(header, required):
        there = ", ".join(header[:30])[:400]
        raise BrokenFile(say("columns_missing", missing=missing, there=there))
