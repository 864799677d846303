"""Codes and ids in what people send: what a spreadsheet has made of one is no code, and would make one of many."""

import re
import unicodedata

from kit.number_formats import Day
from kit.words import Said, Unfit, say

BROKEN = "broken_by_spreadsheet"
# 6.90123E+12 as spreadsheets write it, 6.90123E12 as programs do that read them; 6,9E+12 where the comma is decimal.
_SCIENTIFIC = re.compile(r"[+-]?\d+(?:[.,]\d+E[+-]?\d+|E[+-]\d+)", re.IGNORECASE)
# 10023.0: a number that a program read from a spreadsheet and wrote as one with decimals.
_DECIMAL = re.compile(r"\d{4,}\.0+")
# What a cell shows whose formula failed, or whose column is too narrow.
_FAILED = re.compile(r"#(?:N/A|REF!|VALUE!|NAME\?|DIV/0!|NUM!|NULL!|SPILL!|CALC!|#+)", re.IGNORECASE)


class BrokenCode(Unfit):
    """A code or id that a spreadsheet has broken."""


def check_code(code: str) -> str:
    """The code as it is; raises BrokenCode."""
    if damage := find_damage(code):
        raise BrokenCode(damage)
    return code


def find_damage(code: str) -> Said | None:
    """What a spreadsheet did to a code or id, without repeating it; None where nothing shows."""
    if isinstance(code, Day):
        return say("broken_by_spreadsheet.date")
    if code.isascii() and code.isalnum():
        return None  # nearly all of them
    written = code if code.isascii() else unicodedata.normalize("NFKC", code)
    written = written.strip().lstrip("'")
    if _SCIENTIFIC.fullmatch(written):
        return say("broken_by_spreadsheet")
    if _DECIMAL.fullmatch(written):
        return say("broken_by_spreadsheet.decimals")
    return say("broken_by_spreadsheet.failed") if find_failure(written) else None


def find_failure(text: str) -> bool:
    """Whether a cell shows no text of anybody's, but what became of a formula, or of one never worked out."""
    return text.startswith("#") and bool(_FAILED.fullmatch(text.strip()))
