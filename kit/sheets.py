"""Tables that people send as files: CSV (UTF-8 or GB18030) or XLSX, told apart by content, read row by row."""

import codecs
import csv
import io
import warnings
from collections import Counter
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, BinaryIO
from zipfile import BadZipFile, ZipFile

from kit.errors import Invalid, TooLarge

# A year of a chain's staff fits many times over; a zip bomb does not.
MAX_UNPACKED_BYTES = 512 * 1024 * 1024
MAX_COLUMNS = 200
PIECE_BYTES = 1024 * 1024
# Of more refused rows a report tells only how many they are.
MAX_PROBLEMS = 1_000

Row = tuple[int, list[str]]


class SheetUnreadable(Invalid):
    """The file is neither CSV nor XLSX, or is damaged."""

    code = "sheet_unreadable"
    title = "The file cannot be read as CSV or XLSX"


class SheetHeaderWrong(SheetUnreadable):
    """The first row does not name the columns of this kind of file."""

    code = "sheet_header_wrong"
    title = "The header row is not the expected one"


class SheetTooLarge(TooLarge):
    """The file unpacks to more than is reasonable."""

    code = "sheet_too_large"
    title = "The file is too large"


@dataclass
class Report:
    """How many rows became what (`created`, `updated`, `unchanged`, `rejected`), and the first problems by line."""

    counts: Counter[str] = field(default_factory=Counter)
    problems: list[dict[str, Any]] = field(default_factory=list)

    def reject(self, line: int, **said: str) -> None:
        """Count one refused row, and keep what is said of it."""
        self.counts["rejected"] += 1
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append({"line": line, **said})


def read_rows(file: BinaryIO) -> Generator[Row]:
    """Line number (from 1) and trimmed cell texts of each row that is not empty; dates come as ISO 8601."""
    start = file.read(4)
    file.seek(0)
    with closing(_workbook_rows(file) if start == b"PK\x03\x04" else _csv_rows(file)) as rows:
        for line, cells in rows:
            texts = [_text(cell) for cell in cells]
            if any(texts):
                yield line, texts


def _csv_rows(file: BinaryIO) -> Generator[tuple[int, list[Any]]]:
    # Both are read as text; what is neither is refused rather than stored as mojibake.
    encoding = "utf-8-sig" if _decodes(file, "utf-8") else "gb18030"
    if encoding == "gb18030" and not _decodes(file, encoding):
        raise SheetUnreadable("The text is neither UTF-8 nor GB18030.")
    text = io.TextIOWrapper(file, encoding=encoding, newline="")
    try:
        head = text.readline()
        text.seek(0)
        reader = csv.reader(text, delimiter=max(",\t;", key=head.count), strict=True)
        for cells in reader:
            yield reader.line_num, cells[:MAX_COLUMNS]
    except csv.Error as error:
        raise SheetUnreadable(f"Not CSV: {error}.") from None
    finally:
        text.detach()


def _decodes(file: BinaryIO, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        while piece := file.read(PIECE_BYTES):
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    finally:
        file.seek(0)
    return True


def _workbook_rows(file: BinaryIO) -> Generator[tuple[int, list[Any]]]:
    from openpyxl import load_workbook  # a tenth of every process's start, for files that few ever see

    try:
        _refuse_bomb(file)
        with warnings.catch_warnings():
            # It warns of styles and extensions that it drops; the cells are whole.
            warnings.simplefilter("ignore")
            workbook = load_workbook(file, read_only=True, data_only=True)
            sheet = workbook.worksheets[0]
            sheet.reset_dimensions()  # what some programs write there is wrong
            for line, cells in enumerate(sheet.iter_rows(values_only=True), 1):
                yield line, list(cells[:MAX_COLUMNS])
    except (TooLarge, GeneratorExit):
        raise
    except Exception as error:
        # A damaged workbook surfaces as BadZipFile, KeyError, ParseError, ValueError and more.
        raise SheetUnreadable("The workbook is damaged.") from error


def _refuse_bomb(file: BinaryIO) -> None:
    try:
        with ZipFile(file) as parts:
            unpacked = sum(part.file_size for part in parts.infolist())
    except BadZipFile:
        raise SheetUnreadable("The workbook is damaged.") from None
    finally:
        file.seek(0)
    if unpacked > MAX_UNPACKED_BYTES:
        raise SheetTooLarge(f"The workbook unpacks to {unpacked} bytes; at most {MAX_UNPACKED_BYTES}.")


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == cell.time().min else cell.isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))  # spreadsheets keep codes like 1001 as numbers
    return str(cell)
