"""Codes and ids in what people send: what a spreadsheet has made of one is no code, and would make one of many."""

import re
import unicodedata

from kit.number_formats import Day

BROKEN = "broken_by_spreadsheet"
# 6.90123E+12 as spreadsheets write it, 6.90123E12 as programs do that read them; 6,9E+12 where the comma is decimal.
_SCIENTIFIC = re.compile(r"[+-]?\d+(?:[.,]\d+E[+-]?\d+|E[+-]\d+)", re.IGNORECASE)
# 10023.0: a number that a program read from a spreadsheet and wrote as one with decimals.
_DECIMAL = re.compile(r"\d{4,}\.0+")
# What a cell shows whose formula failed, or whose column is too narrow.
_FAILED = re.compile(r"#(?:N/A|REF!|VALUE!|NAME\?|DIV/0!|NUM!|NULL!|SPILL!|CALC!|#+)", re.IGNORECASE)


class BrokenCode(ValueError):
    """A code or id that a spreadsheet has broken; the message is for people."""


def check_code(code: str) -> str:
    """The code as it is; raises BrokenCode."""
    if damage := find_damage(code):
        raise BrokenCode(damage)
    return code


def find_damage(code: str) -> str | None:
    """What a spreadsheet did to a code or id, as a sentence that does not repeat it; None where nothing shows."""
    if isinstance(code, Day):
        return "A spreadsheet has made a date of this code; format the column as text and enter it again."
    if code.isascii() and code.isalnum():
        return None  # nearly all of them
    written = code if code.isascii() else unicodedata.normalize("NFKC", code)
    written = written.strip().lstrip("'")
    if _SCIENTIFIC.fullmatch(written):
        return "A spreadsheet has broken this code: digits are lost. Format the column as text and enter it again."
    if _DECIMAL.fullmatch(written):
        return "A spreadsheet has made a number with decimals of this code; format the column as text."
    if _FAILED.fullmatch(written):
        return "The cell shows an error of the spreadsheet instead of a code."
    return None
