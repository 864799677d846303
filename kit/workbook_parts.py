"""The parts of an XLSX workbook beside its rows: the archive, which sheet is first, texts, formats, merged cells.

Every list that zipfile or we keep of them is bounded by what is there, not by what the file declares.
"""

import re
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from io import RawIOBase
from posixpath import join, normpath
from typing import Any, BinaryIO, cast
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile

from kit.errors import Invalid, TooLarge
from kit.markup import MarkupRefused, walk
from kit.memory import Budget
from kit.number_formats import BUILT_IN, GENERAL
from kit.words import say

MAX_CELL_CHARACTERS = 32_767
MAX_COLUMNS = 16_384
# Cells further right are not read: no file of ours has so many columns.
MAX_COLUMNS_READ = 200
MAX_DIRECTORY_BYTES = 1024 * 1024
# Of the parts that describe the workbook: styles, relations, its list of sheets.
MAX_PART_BYTES = 4 * 1024 * 1024
MAX_FORMATS = 65_000
MAX_MERGED = 100_000
# Small, so that a file that unpacks to a thousand times its size is still read in steps of a moment.
PIECE_BYTES = 8 * 1024
DAMAGED = (
    *(BadZipFile, zlib.error, struct.error, EOFError, OSError, LookupError, NotImplementedError, RuntimeError),
    *(ValueError, OverflowError),
)
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_PLACE = re.compile(r"([A-Za-z]{1,5})([0-9]{1,12})")


class SheetUnreadable(Invalid):
    """The file is neither CSV nor XLSX, or is damaged."""

    code = "sheet_unreadable"


class SheetTooLarge(TooLarge):
    """The file holds more than is reasonable: rows, columns, cells, or text."""

    code = "sheet_too_large"


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How much one workbook may hold."""

    unpacked_bytes: int
    elements: int  # of the sheet: rows, cells, and what they are made of
    strings: int
    string_characters: int
    # Of what is unpacked at the same time in a process, where others wait for its threads.
    at_once: Budget | None = None


# What a request waits for, and what a job may take its time with.
IN_REQUEST = Limits(
    unpacked_bytes=192 << 20,
    elements=3_000_000,
    strings=1_000_000,
    string_characters=16 << 20,
    at_once=Budget(64 << 20, patience_seconds=2),
)
IN_JOB = Limits(unpacked_bytes=1 << 30, elements=50_000_000, strings=4_000_000, string_characters=64 << 20)


class _Directory(RawIOBase):
    """A file whose list of parts may not be long: zipfile reads it at once and keeps it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._file.tell()

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def read(self, size: int | None = -1) -> bytes:
        if size is not None and size > MAX_DIRECTORY_BYTES:
            raise SheetTooLarge(say("sheet_too_large.parts"))
        return self._file.read(-1 if size is None else size)


@contextmanager
def open_parts(file: BinaryIO, limits: Limits) -> Iterator[ZipFile]:
    try:
        with ZipFile(cast(BinaryIO, _Directory(file))) as parts:
            unpacked = sum(part.file_size for part in parts.infolist())
            if unpacked > limits.unpacked_bytes:
                raise SheetTooLarge(say("sheet_too_large.unpacked", bytes=unpacked, max=limits.unpacked_bytes))
            if any(part.compress_type not in (ZIP_STORED, ZIP_DEFLATED) for part in parts.infolist()):
                raise SheetUnreadable(say("sheet_unreadable.packing"))
            with limits.at_once.taking(unpacked) if limits.at_once else nullcontext():
                yield parts
    except MarkupRefused as refusal:
        raise SheetUnreadable(say("sheet_unreadable.markup", why=refusal.said)) from None
    except DAMAGED as error:
        raise SheetUnreadable(say("sheet_unreadable.damaged")) from error


def first_sheet(parts: ZipFile) -> tuple[str, bool]:
    """The part that holds the first sheet, and whether days are counted from 1904."""
    books = (of for of in _relations(parts, "_rels/.rels") if of.get("Type", "").endswith("/officeDocument"))
    book = _within("", next(books, {})["Target"])
    folder, _, leaf = book.rpartition("/")
    ids: list[str] = []
    from_1904 = False

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal from_1904
        if name == "sheet":
            ids.extend(value for key, value in attributes.items() if key.endswith(":id"))
        elif name == "workbookPr":
            from_1904 = attributes.get("date1904", "") in ("1", "true")

    _read(parts, book, start)
    relations = join(folder, "_rels", f"{leaf}.rels")
    # Charts have sheets of their own, which hold no rows.
    there = [of for of in _relations(parts, relations) if of.get("Type", "").endswith("/worksheet")]
    sheets = {of["Id"]: of["Target"] for of in there}
    name = next((sheets[one] for one in [*ids, *sheets] if one in sheets), None)
    if name is None:
        raise LookupError("no sheet")
    return _within(folder, name), from_1904


def _within(folder: str, target: str) -> str:
    return normpath(join("/", folder, target)).lstrip("/")


def _relations(parts: ZipFile, name: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    _read(parts, name, lambda tag, attributes: found.append(attributes) if tag == "Relationship" else None)
    if not found:
        raise KeyError(name)
    return found


def read_formats(parts: ZipFile) -> list[str]:
    """The number format of each style of cells."""
    own: dict[int, str] = {}
    styles: list[str] = []
    inside = False

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal inside
        if name == "cellXfs":
            inside = True
        elif name == "cellStyles":
            inside = False
        elif name == "numFmt" and len(own) < MAX_FORMATS:
            own[int(attributes["numFmtId"])] = attributes.get("formatCode", GENERAL)[:200]
        elif name == "xf" and inside and len(styles) < MAX_FORMATS:
            styles.append(attributes.get("numFmtId", "0"))

    name = _named(parts, "styles.xml")
    if name:
        _read(parts, name, start)
    return [own.get(int(number)) or BUILT_IN.get(int(number), GENERAL) for number in styles] or [GENERAL]


def read_strings(parts: ZipFile, limits: Limits) -> list[str]:
    """The texts that cells refer to by number."""
    found: list[str] = []
    text: list[str] = []
    phonetic = inside = False
    total = length = 0

    def start(name: str, _: dict[str, str]) -> None:
        nonlocal phonetic, inside
        name = bare(name)
        phonetic = phonetic or name == "rPh"
        inside = name == "t" and not phonetic

    def characters(piece: str) -> None:
        nonlocal length, total
        if inside:
            length += len(piece)
            total += len(piece)
            if length > MAX_CELL_CHARACTERS or total > limits.string_characters:
                raise SheetTooLarge(say("sheet_too_large.text"))
            text.append(piece)

    def end(name: str) -> None:
        nonlocal phonetic, inside, length
        name = bare(name)
        inside = False
        phonetic = phonetic and name != "rPh"
        if name == "si":
            if len(found) >= limits.strings:
                raise SheetTooLarge(say("sheet_too_large.texts", max=limits.strings))
            found.append(unescaped("".join(text)))
            text.clear()
            length = 0

    name = _named(parts, "sharedStrings.xml")
    if name:
        run(walk(pieces_of(parts, name), on_start=start, on_end=end, on_text=characters))
    return found


def read_merged(parts: ZipFile, name: str) -> dict[int, list[tuple[int, int]]]:
    """By column, the first and last rows of the cells that span several, the topmost last."""
    # They stand behind all the rows: most files have none, and finding that out is cheaper than reading twice.
    if not _holds(pieces_of(parts, name), b"mergeCell"):
        return {}
    found: dict[int, list[tuple[int, int]]] = {}
    count = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal count
        if bare(tag) != "mergeCell":
            return
        count += 1
        if count > MAX_MERGED:
            raise SheetTooLarge(say("sheet_too_large.merged", max=MAX_MERGED))
        first, _, last = attributes["ref"].partition(":")
        (column, top), (_, bottom) = _place(first), _place(last or first)
        if bottom > top and column <= MAX_COLUMNS_READ:
            found.setdefault(column, []).append((top, bottom))

    run(walk(pieces_of(parts, name), on_start=start, on_end=nothing, on_text=nothing))
    return {column: sorted(ranges, reverse=True) for column, ranges in found.items()}


def _holds(pieces: Iterable[bytes], wanted: bytes) -> bool:
    rest = b""
    for piece in pieces:
        if wanted in rest + piece:
            return True
        rest = piece[-len(wanted) :]
    return False


def _read(parts: ZipFile, name: str, on_start: Callable[[str, dict[str, str]], object]) -> None:
    """Walk a part that describes the workbook; its names come without prefixes."""
    if parts.getinfo(name).file_size > MAX_PART_BYTES:
        raise SheetTooLarge(say("sheet_too_large.part", part=name[:100], max=MAX_PART_BYTES))

    def start(tag: str, attributes: dict[str, str]) -> None:
        on_start(bare(tag), attributes)

    run(walk(pieces_of(parts, name), on_start=start, on_end=nothing, on_text=nothing))


def pieces_of(parts: ZipFile, name: str) -> Iterator[bytes]:
    with parts.open(name) as part:
        while piece := part.read(PIECE_BYTES):
            yield piece


def _named(parts: ZipFile, leaf: str) -> str | None:
    return next((name for name in parts.namelist() if name.lower().endswith(f"/{leaf.lower()}")), None)


def run(steps: Iterator[None]) -> None:
    for _ in steps:
        pass


def nothing(*_: Any) -> None:
    return None


def bare(name: str) -> str:
    return name.rpartition(":")[2] if ":" in name else name


def _place(reference: str) -> tuple[int, int]:
    found = _PLACE.fullmatch(reference)
    if not found:
        raise ValueError("A reference names no cell.")
    return column_number(found[1]), row_number(found[2])


def column_number(reference: str) -> int:
    number = 0
    for letter in reference:
        if not ("A" <= letter.upper() <= "Z") or number > MAX_COLUMNS:
            break
        number = number * 26 + ord(letter.upper()) - ord("A") + 1
    return number


def row_number(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 18:
        raise ValueError("A row has no number.")
    return int(text)


def unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text
