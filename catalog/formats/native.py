"""Our own items in a file: JSON Lines, or JSON (an array, or an object with `items`)."""

import codecs
import json
from collections.abc import Iterator
from functools import partial
from typing import BinaryIO

import msgspec

from catalog.formats.pieces import BadRow, BrokenFile
from catalog.items import FileItem
from kit.complaints import field_of, read_complaint, read_damage
from kit.words import say

CHUNK_BYTES = 1 << 20
MAX_ITEM_CHARACTERS = 2 << 20
MAX_LINE_BYTES = 4 << 20
# Of UTF-16 and UTF-32; without a mark a first brace is followed, or preceded, by a zero.
WIDE_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, b"{\x00", b"\x00")
_decode = msgspec.json.Decoder(FileItem).decode


def read_lines(stream: BinaryIO) -> Iterator[tuple[int, FileItem] | BadRow]:
    """One item per line with its line number; raises BrokenFile when the last line is cut off."""
    for line_no, line in enumerate(iter(partial(stream.readline, MAX_LINE_BYTES), b""), 1):
        if len(line) == MAX_LINE_BYTES:
            raise BrokenFile(say("item_too_large", line=line_no, max=MAX_LINE_BYTES))
        if line_no == 1 and line.startswith(WIDE_MARKS):
            raise BrokenFile(say("encoding_unknown.json"))
        # The mark stands in the middle where files were put one behind the other.
        content = line.strip().removeprefix(codecs.BOM_UTF8)
        if not content:
            continue
        found = _item(line_no, content)
        if isinstance(found, BadRow) and found.code == "not_json" and not line.endswith(b"\n"):
            raise BrokenFile(say("file_cut.line", line=line_no))
        yield found


def read_json(stream: BinaryIO) -> Iterator[tuple[int, FileItem] | BadRow]:
    """One item per element, numbered from 1, holding one chunk in memory; raises BrokenFile."""
    text = _Text(stream)
    closing = _enter_items(text)
    number = 0
    while not text.next_is("]"):
        number += 1
        yield _item(number, text.take_value().encode())
        if not text.next_is("]"):
            text.expect(",")
    text.expect("]")
    if closing:
        text.expect("}")
    if text.peek():
        raise BrokenFile(say("not_json.after_end"))


def _enter_items(text: "_Text") -> bool:
    """Go to the first element; whether a brace is still open around the array."""
    if not text.next_is("{"):
        text.expect("[")
        return False
    text.expect("{")
    if text.take_value() != '"items"':
        raise BrokenFile(say("not_json.items"))
    text.expect(":")
    text.expect("[")
    return True


def _item(number: int, content: bytes) -> tuple[int, FileItem] | BadRow:
    try:
        if b"\\u0000" in content:
            raise msgspec.ValidationError("nul_character")
        return number, _decode(content)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        damaged = not isinstance(error, msgspec.ValidationError)
        return BadRow(
            line_no=number,
            said=say("not_json", why=read_damage(error)) if damaged else read_complaint(error),
            field=field_of(error),
            external_id=_external_id(content),
            raw=content[:2000].decode(errors="replace").replace("\x00", "�"),
        )


class _ExternalId(msgspec.Struct):
    external_id: str


def _external_id(content: bytes) -> str | None:
    try:
        found = msgspec.json.decode(content, type=_ExternalId).external_id
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return found[:255].replace("\x00", "�") or None


class _Text:
    """JSON text that is read as far as the next value needs."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._scanner = json.JSONDecoder()
        self._buffer = ""
        self._start = 0
        self._ended = False

    def peek(self) -> str:
        """The next character that is not white space, or nothing at the end."""
        while True:
            while self._start < len(self._buffer) and self._buffer[self._start].isspace():
                self._start += 1
            if self._start < len(self._buffer):
                return self._buffer[self._start]
            if not self._read_more():
                return ""

    def next_is(self, character: str) -> bool:
        return self.peek() == character

    def expect(self, character: str) -> None:
        found = self.peek()
        if not found:
            raise BrokenFile(say("file_cut"))
        if found != character:
            raise BrokenFile(say("not_json.expected", expected=character, found=found))
        self._start += 1

    def take_value(self) -> str:
        """The text of the next value; raises BrokenFile."""
        if not self.peek():
            raise BrokenFile(say("file_cut"))
        while True:
            try:
                _, end = self._scanner.raw_decode(self._buffer, self._start)
            except (json.JSONDecodeError, RecursionError):
                if len(self._buffer) - self._start > MAX_ITEM_CHARACTERS:
                    raise BrokenFile(say("not_json.nowhere_ends", max=MAX_ITEM_CHARACTERS)) from None
                if not self._read_more():
                    raise BrokenFile(say("file_cut.or_not_json")) from None
                continue
            value = self._buffer[self._start : end]
            self._start = end
            return value

    def _read_more(self) -> bool:
        if self._ended:
            return False
        chunk = self._stream.read(CHUNK_BYTES)
        self._ended = not chunk
        try:
            more = self._decoder.decode(chunk, final=self._ended)
        except UnicodeDecodeError:
            raise BrokenFile(say("encoding_unknown.json")) from None
        self._buffer = self._buffer[self._start :] + more
        self._start = 0
        return not self._ended
