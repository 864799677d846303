"""Which characters the bytes of a text file are: what it declares, or else what it can only be."""

import codecs
import re
from typing import BinaryIO

from kit.words import Unfit, say

PIECE_BYTES = 1024 * 1024
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Files that name the smaller set are read by the larger one that contains it, as browsers do (WHATWG Encoding).
LARGER = {
    **dict.fromkeys(("gb2312", "gbk"), "gb18030"),
    **dict.fromkeys(("big5", "big5hkscs"), "big5hkscs"),
    **dict.fromkeys(("ascii", "iso8859-1"), "cp1252"),
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "iso8859-9": "cp1254",
    "tis-620": "cp874",
}
KNOWN = frozenset(
    (
        *("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"),
        *("gb18030", "big5hkscs", "cp950", "cp932", "euc_jp", "iso2022_jp", "cp949", "johab", "koi8-r", "koi8-u"),
        *(f"iso8859-{number}" for number in (2, 3, 4, 5, 6, 7, 8, 10, 11, 13, 14, 15, 16)),
        *(f"cp{number}" for number in (*range(1250, 1259), 437, 850, 852, 866, 874)),
        "mac-roman",
    )
)
# Of the characters of two bytes in Chinese text, nearly all have both above this; of other alphabets, read as
# Chinese, few do.
_HIGH = 0xA1
_LIKELY_SHARE = 0.8
# Rare characters take four bytes; hardly any text of another encoding holds such a run.
_FOUR_BYTES = re.compile(rb"[\x81-\xfe][0-9][\x81-\xfe][0-9]")


class EncodingUnknown(Unfit):
    """The bytes are not the text that they are said to be, or nothing says which text they are."""


def known_encoding(label: str) -> str:
    """The codec for an encoding as files name it; raises EncodingUnknown for what is none, or no plain text."""
    try:
        name = codecs.lookup(label.strip()).name
    except (LookupError, ValueError):
        name = ""
    name = LARGER.get(name, name)
    if name not in KNOWN:
        raise EncodingUnknown(say("encoding_unknown.label", label=label[:50]))
    return name


def find_encoding(file: BinaryIO) -> str:
    """The codec that the whole file decodes with: by its mark, UTF-8, UTF-16 without a mark, or GB18030.

    Raises EncodingUnknown for what is none of them, and for what would decode as GB18030 but is hardly Chinese: other
    encodings have to be named, or names would be stored as nonsense. Leaves the file at its beginning.
    """
    start = file.read(4096)
    file.seek(0)
    for mark, encoding in MARKS:
        if start.startswith(mark):
            return encoding
    wide = _without_mark(start)
    if wide and _decodes(file, wide):
        return wide
    if _decodes(file, "utf-8"):
        return "utf-8"
    if _decodes(file, "gb18030") and _looks_chinese(file):
        return "gb18030"
    raise EncodingUnknown(say("encoding_unknown"))


def _without_mark(start: bytes) -> str | None:
    """UTF-16 shows by its zeros: every other byte of digits, commas and Latin letters."""
    zeros = start.count(b"\x00")
    if zeros < 2 or zeros * 50 < len(start):
        return None
    odd = start[1::2].count(b"\x00")
    return {zeros: "utf-16-le", 0: "utf-16-be"}.get(odd)


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


def _looks_chinese(file: BinaryIO) -> bool:
    pairs = high = 0
    lead = False
    while piece := file.read(PIECE_BYTES):
        piece, rare = _FOUR_BYTES.subn(b"", piece)
        pairs, high = pairs + 2 * rare, high + 2 * rare
        for byte in piece.translate(None, bytes(range(0x40))):
            if lead:
                pairs, high, lead = pairs + 1, high + (byte >= _HIGH), False
            else:
                lead = byte >= 0x81
        if pairs > 1_000:
            break
    file.seek(0)
    return high >= pairs * _LIKELY_SHARE
