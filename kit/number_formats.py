"""What a spreadsheet shows of a number: 15 significant digits, in the cell's number format (ECMA-376, 18.8.30).

Marks between thousands are left out, so that what comes is a number again. Dates come as ISO 8601 whatever their
format: what a program shows of one depends on where it runs. A number that the program can no longer hold exactly
(16 digits and more), or that its format shows so, comes in scientific notation: `kit.codes` refuses that in a code.
"""

import re
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from functools import lru_cache
from typing import NamedTuple

BUILT_IN = {
    **dict(enumerate(("0", "0.00", "#,##0", "#,##0.00"), 1)),
    **dict(enumerate(("0%", "0.00%", "0.00E+00"), 9)),
    **dict(enumerate(("#,##0", "#,##0", "#,##0.00", "#,##0.00"), 37)),
    **dict(enumerate(("mm:ss", "[h]:mm:ss", "mm:ss", "##0.0E+0", "@"), 45)),
    **dict.fromkeys((18, 19, 20, 21), "h:mm:ss"),
    # 27 to 36 and 50 to 58 are dates in Chinese, Japanese and Korean programs.
    **dict.fromkeys((14, 15, 16, 17, 22, *range(27, 37), *range(50, 59)), "yyyy-mm-dd"),
}
GENERAL = "General"
MAX_WRITTEN = 64
MAX_EXPONENT = 308
# Doubles hold 15 digits for certain.
_EXACT_DIGITS = 15
EXACT_BELOW = Decimal(10) ** _EXACT_DIGITS
_FIFTEEN = Context(prec=15, rounding=ROUND_HALF_UP)
_TOKENS = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]|[Ee][+-]|.', re.DOTALL)
_CURRENCY = re.compile(r"\[\$([^\]-]*)(?:-[0-9A-Fa-f]*)?\]")
_PLACEHOLDERS = frozenset("0#?")
# The times of cells have no zone.
_FIRST_DAY = datetime(1899, 12, 30)  # noqa: DTZ001
_FIRST_DAY_1904 = datetime(1904, 1, 1)  # noqa: DTZ001
_NO_DAY = 60  # the 29th of February 1900, which spreadsheets know and the calendar does not
_LAST_SERIAL = 2_958_465  # 9999-12-31


class Day(str):
    """A date or time of day that a cell holds, as text; it stays one when it is trimmed."""

    __slots__ = ()

    def strip(self, _: str | None = None, /) -> "Day":
        return self


class _Section(NamedTuple):
    """One of a format's parts: literals and placeholders before and behind the decimal sign."""

    whole: tuple[str, ...]
    fraction: tuple[str, ...]
    scale: int  # by which power of ten the number is multiplied
    scientific: bool


def shown(written: str, code: str, *, from_1904: bool = False, decimal_sign: str = ".") -> str:
    """What the number shows in a cell of the format `code`; raises ValueError where it is no number."""
    if code == GENERAL and len(written) <= _EXACT_DIGITS and written.isascii() and written.isdecimal():
        return written.lstrip("0") or "0"  # nearly all of them
    number = _parsed(written)
    if is_date(code) and 0 <= number <= _LAST_SERIAL:
        return _day(number, from_1904=from_1904)
    if abs(number) >= EXACT_BELOW:
        return f"{number:.5E}"
    return _formatted(_FIFTEEN.plus(number), code).replace(".", decimal_sign)


@lru_cache(maxsize=1000)
def is_date(code: str) -> bool:
    """Whether a format shows dates or times."""
    if code == GENERAL or "通用" in code:
        return False
    bare = re.sub(r'"[^"]*"|\\.|_.|\*.|\[(?![hmsHMS]+\])[^\]]*\]', "", code.partition(";")[0])
    return "general" not in bare.lower() and any(letter in "dmyhsDMYHS" for letter in bare)


def read_serial(number: Decimal | int, *, from_1904: bool = False) -> datetime:
    """The moment of a day number, to the second; the 29th of February 1900 that spreadsheets know is nobody's."""
    serial = Decimal(number)
    from_1900 = _FIRST_DAY if serial >= 60 else _FIRST_DAY + timedelta(days=1)
    first = _FIRST_DAY_1904 if from_1904 else from_1900
    return first + timedelta(seconds=int((serial * 86_400).to_integral_value(ROUND_HALF_UP)))


def _parsed(written: str) -> Decimal:
    try:
        number = Decimal(written.strip()) if len(written) <= MAX_WRITTEN else Decimal("NaN")
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or number.adjusted() > MAX_EXPONENT:
        raise ValueError("A cell of numbers holds none.")
    return number if number.adjusted() > -MAX_EXPONENT else Decimal(0)


def _day(number: Decimal, *, from_1904: bool) -> Day:
    if int(number) == _NO_DAY and not from_1904:
        return Day("1900-02-29")
    try:
        at = read_serial(number, from_1904=from_1904)
    except OverflowError:
        raise ValueError("A date lies beyond the year 9999.") from None
    if number < 1:
        return Day(at.time().isoformat())
    return Day(at.date().isoformat() if at.time() == at.time().min else at.isoformat())


def _formatted(number: Decimal, code: str) -> str:
    sections = _sections(code)
    if not sections:
        return _plain(number)
    if number < 0 and len(sections) > 1:
        return _in_section(-number, sections[1])
    if number == 0 and len(sections) > 2:
        return _in_section(number, sections[2])
    return ("-" if number < 0 else "") + _in_section(abs(number), sections[0])


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}" if number else "0"


def _in_section(number: Decimal, section: _Section) -> str:
    if section.scientific:
        return f"{number:.5E}"
    scaled = number.scaleb(section.scale)
    places = sum(token in _PLACEHOLDERS for token in section.fraction)
    rounded = scaled.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, Context(prec=400))
    whole, _, fraction = f"{rounded:f}".partition(".")
    return _whole(whole.lstrip("0"), section.whole) + _fraction(fraction, section.fraction)


def _whole(digits: str, tokens: tuple[str, ...]) -> str:
    """The digits put into the placeholders from the right; those left over stand before the first one."""
    first = next((index for index, token in enumerate(tokens) if token in _PLACEHOLDERS), None)
    parts: list[str] = []
    for index in range(len(tokens) - 1, -1, -1):
        mark = tokens[index]
        if mark not in _PLACEHOLDERS:
            parts.append(mark)
        elif index == first:
            parts.append(digits or ("0" if mark == "0" else ""))
        else:
            parts.append(digits[-1:] or ("0" if mark == "0" else ""))
            digits = digits[:-1]
    return "".join(reversed(parts))


def _fraction(digits: str, tokens: tuple[str, ...]) -> str:
    kept = len(digits.rstrip("0"))
    shown_digits, literals, place = "", "", 0
    for mark in tokens:
        if mark not in _PLACEHOLDERS:
            literals += mark
            continue
        place += 1
        shown_digits += digits[place - 1] if mark == "0" or place <= kept else ""
    return (f".{shown_digits}" if shown_digits else "") + literals


@lru_cache(maxsize=1000)
def _sections(code: str) -> tuple[_Section, ...]:
    """The parts of a format, for positive numbers, negative ones, and zero; none where it says nothing of digits."""
    if "general" in code.lower() or "通用" in code or "@" in code.partition(";")[0] or re.search(r"\[[<>=]", code):
        return ()
    parts: list[list[str]] = [[]]
    for mark in _TOKENS.findall(code):
        if mark == ";":
            parts.append([])
        else:
            parts[-1].append(mark)
    sections = tuple(_section(part) for part in parts[:3])
    return sections if _PLACEHOLDERS & {*sections[0].whole, *sections[0].fraction} else ()


def _section(tokens: list[str]) -> _Section:
    scientific = any(token in ("E+", "E-", "e+", "e-") for token in tokens)
    whole: list[str] = []
    fraction: list[str] = []
    scale, behind = 0, False
    for index, mark in enumerate(tokens):
        if mark == "." and not behind:
            behind = True
        elif mark == ",":
            # Behind the last digit a comma shows thousands; between digits it only groups them.
            scale -= 0 if _PLACEHOLDERS & set(tokens[index + 1 :]) else 3
        else:
            scale += 2 * (mark == "%")
            (fraction if behind else whole).append(_literal(mark))
    return _Section(tuple(whole), tuple(fraction), scale, scientific)


def _literal(token: str) -> str:
    if len(token) == 1:
        return token
    if token[0] == '"':
        return token[1:-1]
    if token[0] == "[":
        found = _CURRENCY.fullmatch(token)
        return found[1] if found else ""
    return token[1] if token[0] == "\\" else ""
