"""Rows of CSV, TSV and XLSX files as dictionaries by column name.

Encodings: UTF-8 and UTF-16 with or without their marks, and GB18030 (which covers GBK and GB2312). A stray quote
costs at most its own row.
"""

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from catalog.formats.pieces import BadRow, BrokenFile
from kit.sheets import SheetTooLarge, SheetUnreadable, read_rows

DELIMITERS = (",", "\t", ";", "|")
# A quoted cell may run over this many lines; beyond that its opening quote was a stray one.
MAX_LINES_PER_ROW = 500
MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))

TableRow = tuple[int, dict[str, str]] | BadRow


def read_text_table(stream: BinaryIO, *, required: Sequence[Sequence[str]]) -> Iterator[TableRow]:
    """Rows with their line numbers from a CSV or TSV file, whatever its delimiter and encoding.

    `required` holds, per column that must be there, the names it may have. Raises BrokenFile.
    """
    text = io.TextIOWrapper(stream, encoding=_encoding(stream), newline="")
    lines = _Lines(text)
    try:
        delimiter, header = _header(next(lines, ""), required)
        yield from _records(lines, delimiter, header)
    except UnicodeDecodeError as error:
        raise BrokenFile("encoding_unknown", f"Line {lines.line_no + 1} is not {error.encoding} text.") from None
    finally:
        text.detach()


def read_workbook(stream: BinaryIO, *, required: Sequence[Sequence[str]]) -> Iterator[TableRow]:
    """Rows of the first sheet of an XLSX file, numbers as written; raises BrokenFile."""
    try:
        rows = read_rows(stream)
        _, header = next(rows, (0, []))
        _require(header, required)
        for line_no, cells in rows:
            yield line_no, dict(zip(header, cells, strict=False))
    except (SheetUnreadable, SheetTooLarge) as error:
        raise BrokenFile("not_xlsx", error.detail) from None


def _encoding(stream: BinaryIO) -> str:
    """What the whole file decodes as; looks at every byte, because the first Chinese one may come late."""
    start = stream.read(4)
    stream.seek(0)
    for mark, encoding in MARKS:
        if start.startswith(mark):
            return encoding
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while chunk := stream.read(1 << 20):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "gb18030"
    finally:
        stream.seek(0)
    return "utf-8"


class _Lines:
    """The lines of a text, which can be handed back."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = iter(text)
        self._returned: list[str] = []
        self.taken: list[str] = []
        self.line_no = 0
        self.last = ""

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        if len(self.taken) >= MAX_LINES_PER_ROW:
            raise StopIteration
        line = self._returned.pop() if self._returned else next(self._text)
        self.taken.append(line)
        self.line_no += 1
        self.last = line
        return line.replace("\x00", "�") if "\x00" in line else line

    def give_back(self, lines: list[str]) -> None:
        self._returned.extend(reversed(lines))
        self.line_no -= len(lines)


def _records(lines: _Lines, delimiter: str, header: list[str]) -> Iterator[TableRow]:
    width = len(header)
    while (cells := _next_cells(lines, delimiter, width)) is not None:
        line_no = lines.line_no - len(lines.taken) + 1
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) == width or (len(cells) > width and not any(cells[width:])):
            yield line_no, dict(zip(header, cells, strict=False))
        else:
            yield _misfit(lines, line_no, cells, header)


def _next_cells(lines: _Lines, delimiter: str, width: int) -> list[str] | None:
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


def _misfit(lines: _Lines, line_no: int, cells: list[str], header: list[str]) -> BadRow:
    if len(cells) < len(header) and not lines.last.endswith(("\n", "\r")) and next(lines, None) is None:
        raise BrokenFile("file_cut", f"The file ends in the middle of line {line_no}.")
    return BadRow(
        line_no=line_no,
        code="columns_misfit",
        detail=f"{len(cells)} cells under {len(header)} columns; a delimiter or a quote is astray.",
        raw="|".join(cells)[:2000].replace("\x00", "�"),
    )


def _header(line: str, required: Sequence[Sequence[str]]) -> tuple[str, list[str]]:
    seen: list[str] = []
    for delimiter in DELIMITERS:
        header = [name.strip() for name in next(csv.reader([line], delimiter=delimiter), [])]
        if not _missing(header, required):
            return delimiter, header
        seen = max(seen, header, key=len)
    _require(seen, required)
    raise AssertionError("a header that lacks nothing was found above")


def _missing(header: list[str], required: Sequence[Sequence[str]]) -> list[str]:
    return [names[0] for names in required if not set(names) & set(header)]


def _require(header: list[str], required: Sequence[Sequence[str]]) -> None:
    if missing := _missing(header, required):
        there = ", ".join(header[:30])[:400] or "nothing"
        raise BrokenFile("columns_missing", f"Columns are missing: {', '.join(missing)}. The first line has: {there}.")
