"""Days as people and spreadsheets write them."""

import re
import unicodedata
from datetime import date

from kit.number_formats import read_serial
from kit.words import Unfit, say

# With the time of midnight that programs add, and the day of the week.
_WRITTEN = re.compile(
    r"(\d{4})\s?[-/.年]\s?(\d{1,2})\s?[-/.月]\s?(\d{1,2})\s?日?"
    r"(?:[ T]0{1,2}:00(?::00(?:\.0+)?)?)?(?:\s?(?:星期|周)[一二三四五六日天])?"
)
_DIGITS = re.compile(r"((?:18|19|20|21)\d\d)(\d\d)(\d\d)(?:\.0)?")
# Excel's number of a day, from 1927 to 2173: shorter ones could be years.
_SERIAL = re.compile(r"([1-9]\d{4})(?:\.0)?")


def read_day(text: str) -> date:
    """A day such as 2026-05-01, 2026/5/1, 2026.5.1, 2026年5月1日, 20260501, or Excel's 46143; raises Unfit."""
    written = unicodedata.normalize("NFKC", text).strip()
    if found := _SERIAL.fullmatch(written):
        return read_serial(int(found[1])).date()
    found = _WRITTEN.fullmatch(written) or _DIGITS.fullmatch(written)
    if not found:
        raise Unfit(say("unreadable.day"))
    try:
        return date(*(int(part) for part in found.groups()))
    except ValueError:
        raise Unfit(say("unreadable.day")) from None
