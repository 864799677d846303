"""Tables that people send as files: CSV or XLSX, told apart by content, read row by row."""

import csv
import io
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from kit.cells import as_shown, is_separator_line
from kit.encodings import EncodingUnknown, find_encoding, known_encoding
from kit.problems import Problem
from kit.words import say
from kit.workbook_parts import IN_REQUEST, MAX_COLUMNS_READ, Limits, SheetTooLarge, SheetUnreadable
from kit.workbooks import read_workbook

# A quoted cell may run over this many lines; beyond that its opening quote was a stray one.
MAX_LINES_PER_ROW = 500
MAX_LINE_CHARACTERS = 1024 * 1024
MAX_ROW_CHARACTERS = 4 * MAX_LINE_CHARACTERS
# Of more refused rows, or of more cells that were left out, a report tells only how many they are.
MAX_PROBLEMS = 1_000
ZIP_MARK = b"PK\x03\x04"
# Workbooks before 2007, and later ones with a password.
OLD_MARK = b"\xd0\xcf\x11\xe0"

Row = tuple[int, list[str]]


@dataclass
class Report:
    """How many rows became what (`created`, `updated`, `unchanged`, `rejected`), and what is told of lines.

    Problems are of rows that were refused; warnings of cells that were left out while their row was taken.
    """

    counts: Counter[str] = field(default_factory=Counter)
    problems: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[dict[str, Any]] = field(default_factory=list)

    def reject(self, line: int, problem: Problem, **more: str) -> None:
        """Count one refused row, and keep what is said of it."""
        self.counts["rejected"] += 1
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append({"line": line, **more, **problem.as_told()})

    def warn(self, line: int, problem: Problem) -> None:
        """Count one cell that was left out, and keep what is said of it."""
        self.counts["warned"] += 1
        if len(self.warnings) < MAX_PROBLEMS:
            self.warnings.append({"line": line, **problem.as_told()})


def read_rows(file: BinaryIO, *, encoding: str | None = None) -> Generator[Row]:
    """Line number (from 1) and trimmed cell texts of each row that is not empty, as cells show them.

    Dates of workbooks come as ISO 8601, the text of a merged cell in each row that it spans. `encoding` is of a CSV
    whose sender names one.
    """
    rows = read_workbook_rows(file, limits=IN_REQUEST) if is_workbook(file) else _csv_rows(file, encoding)
    with closing(rows):
        for line, cells in rows:
            texts = [as_shown(cell).strip() for cell in cells]
            if any(texts):
                yield line, texts


def is_workbook(file: BinaryIO) -> bool:
    """Whether the file is XLSX by its content; raises SheetUnreadable for workbooks that cannot be read."""
    start = file.read(4)
    file.seek(0)
    if start == OLD_MARK:
        raise SheetUnreadable(say("sheet_unreadable.old"))
    return start == ZIP_MARK


def read_workbook_rows(file: BinaryIO, *, limits: Limits, decimal_sign: str = ".") -> Generator[Row]:
    """The rows of a workbook's first sheet that say something."""
    return read_workbook(file, limits=limits, decimal_sign=decimal_sign)


def open_text(file: BinaryIO, encoding: str | None = None) -> io.TextIOWrapper:
    """The file as text, of the encoding that is named or that it can only be; raises EncodingUnknown."""
    return io.TextIOWrapper(file, encoding=known_encoding(encoding) if encoding else find_encoding(file), newline="")


class Lines:
    """The lines of a text for a reader of rows, each row of bounded length, which can be handed back."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self._returned: list[str] = []
        self.taken: list[str] = []  # of the row that is being read
        self.line_no = 0
        self.last = ""

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self.taken and (len(self.taken) >= MAX_LINES_PER_ROW or sum(map(len, self.taken)) > MAX_ROW_CHARACTERS):
            raise StopIteration
        line = self._returned.pop() if self._returned else self._text.readline(MAX_LINE_CHARACTERS)
        if not line:
            raise StopIteration
        if len(line) == MAX_LINE_CHARACTERS:
            raise SheetTooLarge(say("sheet_too_large.line", line=self.line_no + 1, max=MAX_LINE_CHARACTERS))
        self.taken.append(line)
        self.line_no += 1
        self.last = line
        return line.replace("\x00", "\ufffd") if "\x00" in line else line

    def give_back(self, lines: list[str]) -> None:
        """Let the lines be read again."""
        self._returned.extend(reversed(lines))
        self.line_no -= len(lines)


def header_line(lines: Lines) -> str:
    """The first line that holds cells; "" where there is none."""
    first = next(lines, "")
    return next(lines, "") if is_separator_line(first) else first


def _csv_rows(file: BinaryIO, encoding: str | None) -> Generator[Row]:
    try:
        text = open_text(file, encoding)
    except EncodingUnknown as error:
        raise SheetUnreadable(error.said) from None
    lines = Lines(text)
    try:
        head = header_line(lines)
        lines.give_back([head])
        lines.taken.clear()
        reader = csv.reader(lines, delimiter=max(",\t;", key=head.count), strict=True)
        for cells in reader:
            yield lines.line_no - len(lines.taken) + 1, cells[:MAX_COLUMNS_READ]
            lines.taken.clear()
    except csv.Error:
        raise SheetUnreadable(say("sheet_unreadable.not_csv", line=lines.line_no)) from None
    except UnicodeError as error:
        name = getattr(error, "encoding", encoding)  # a UTF-16 without its mark says none
        raise SheetUnreadable(say("sheet_unreadable.encoding", encoding=name or "UTF-16")) from None
    finally:
        text.detach()
