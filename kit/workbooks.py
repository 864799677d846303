"""The first sheet of an XLSX workbook, row by row, in bounded memory whatever the file holds.

Written over zipfile and expat, because the libraries that were tried believe what the file says: openpyxl makes every
row and cell up to the number that a row of it carries, and calamine allots them all at once (docs/security.md).
"""

from collections.abc import Generator
from dataclasses import dataclass, field
from typing import BinaryIO

from kit.markup import walk
from kit.number_formats import GENERAL, shown
from kit.words import say
from kit.workbook_parts import (
    MAX_CELL_CHARACTERS,
    MAX_COLUMNS,
    MAX_COLUMNS_READ,
    Limits,
    SheetTooLarge,
    bare,
    column_number,
    first_sheet,
    open_parts,
    pieces_of,
    read_formats,
    read_merged,
    read_strings,
    row_number,
    unescaped,
)

MAX_ROWS = 1_048_576
# Empty rows between two that say something; more come of a cell that was set by mistake.
MAX_GAP_ROWS = 100_000

NOT_WORKED_OUT = "#CALC!"

Cells = tuple[int, list[str]]


@dataclass
class _Sheet:
    """What is read of one sheet, and where it is at."""

    strings: list[str]
    formats: list[str]
    merged: dict[int, list[tuple[int, int]]]
    from_1904: bool
    decimal_sign: str
    limits: Limits
    ready: list[Cells] = field(default_factory=list)
    above: dict[int, tuple[int, str]] = field(default_factory=dict)  # by column, first row and text of a merged cell
    elements: int = 0
    row: int = 0
    column: int = 0
    last_said: int = 0
    cells: dict[int, str] = field(default_factory=dict)
    kind: str = ""
    style: str = ""
    formula: bool = False
    text: list[str] = field(default_factory=list)
    length: int = 0
    inside: str = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.elements += 1
        if self.elements > self.limits.elements:
            raise SheetTooLarge(say("sheet_too_large.elements", max=self.limits.elements))
        name = bare(name)
        if name == "c":
            self._begin_cell(attributes)
        elif name == "row":
            self._begin_row(attributes.get("r", ""))
        elif name == "f":
            self.formula = True
        elif name == "rPh" or (name in ("v", "t") and self.inside != "rPh"):
            self.inside = name

    def end(self, name: str) -> None:
        name = bare(name)
        if name == "c":
            self._end_cell()
        elif name == "row":
            self._end_row()
        elif name == self.inside:
            self.inside = ""

    def characters(self, text: str) -> None:
        if self.inside in ("v", "t"):
            self.length += len(text)
            if self.length > MAX_CELL_CHARACTERS:
                raise SheetTooLarge(say("sheet_too_large.cell", row=self.row, max=MAX_CELL_CHARACTERS))
            self.text.append(text)

    def _begin_row(self, number: str) -> None:
        self.row = row_number(number) if number else self.row + 1
        self.column = 0
        self.cells = {}
        if self.row > MAX_ROWS:
            raise SheetTooLarge(say("sheet_too_large.rows", row=self.row, max=MAX_ROWS))

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        self.column = column_number(attributes["r"]) if "r" in attributes else self.column + 1
        if self.column > MAX_COLUMNS:
            raise SheetTooLarge(say("sheet_too_large.columns", row=self.row, column=self.column, max=MAX_COLUMNS))
        self.kind, self.style = attributes.get("t", "n"), attributes.get("s", "")
        self.text, self.length, self.inside, self.formula = [], 0, "", False

    def _end_cell(self) -> None:
        written = "".join(self.text)
        if not written and self.formula and self.kind == "n":
            # A program that writes formulas and works none out; a spreadsheet program keeps what each one gave.
            self.kind, written = "e", NOT_WORKED_OUT
        if written and self.column <= MAX_COLUMNS_READ and (text := self._shown(written).strip()):
            self.cells[self.column] = text

    def _shown(self, written: str) -> str:
        if self.kind == "s":
            return self.strings[int(written)]
        if self.kind == "b":
            return "TRUE" if written == "1" else "FALSE"
        if self.kind == "n":
            code = self.formats[int(self.style)] if self.style else GENERAL
            return shown(written, code, from_1904=self.from_1904, decimal_sign=self.decimal_sign)
        return unescaped(written)

    def _end_row(self) -> None:
        if not self.cells:
            return
        if self.last_said and self.row - self.last_said > MAX_GAP_ROWS:
            raise SheetTooLarge(say("sheet_too_large.gap", before=self.last_said, after=self.row))
        self.last_said = self.row
        self._fill_down()
        self.ready.append((self.row, [self.cells.get(column, "") for column in range(1, max(self.cells) + 1)]))

    def _fill_down(self) -> None:
        """What a merged cell shows stands for each row that it spans."""
        for column, ranges in self.merged.items():
            while ranges and ranges[-1][1] < self.row:
                ranges.pop()
            if not ranges or self.row < ranges[-1][0]:
                continue
            top, text = self.above.get(column, (0, ""))
            if self.row == ranges[-1][0]:
                self.above[column] = (self.row, self.cells.get(column, ""))
            elif top == ranges[-1][0] and text:
                self.cells[column] = text


def read_workbook(file: BinaryIO, *, limits: Limits, decimal_sign: str = ".") -> Generator[Cells]:
    """Row number and what the cells show, of each row that says something; raises SheetUnreadable, SheetTooLarge.

    Numbers have `decimal_sign` and nothing between thousands; dates are ISO 8601 (`kit.number_formats.Day`).
    """
    with open_parts(file, limits) as parts:
        name, from_1904 = first_sheet(parts)
        sheet = _Sheet(
            strings=read_strings(parts, limits),
            formats=read_formats(parts),
            merged=read_merged(parts, name),
            from_1904=from_1904,
            decimal_sign=decimal_sign,
            limits=limits,
        )
        pieces = pieces_of(parts, name)
        for _ in walk(pieces, on_start=sheet.start, on_end=sheet.end, on_text=sheet.characters):
            yield from sheet.ready
            sheet.ready.clear()
