"""Codes that people type: staff numbers, codes of stores and regions, member numbers.

They are printed in capitals, typed in small letters, pasted with blanks, and full-width from a Chinese keyboard: what
differs in nothing else is the same code. What is shown stays as it was written first; `fold_code` is what is compared.

The same rule stands in the database (`fold_code`, made of `SQL_FUNCTION`), which keeps each code's key beside it in a
generated column. Both sides work on one table, of Unicode 3.2 whatever Python or PostgreSQL come with, so that
both always agree; newer characters are refused in codes (`is_code`). Case is folded as Unicode's simple case folding
does, one character by one, so ß is not ss, and neither Turkish i is the other.
"""

from unicodedata import normalize, ucd_3_2_0

MAX_CODE = 64
_BLANK_CATEGORIES = ("Cc", "Cf", "Zs", "Zl", "Zp")
# What shows nothing though Unicode counts it among the marks and letters: joiners, fillers, variation selectors.
_INVISIBLE = "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u3164\uffa0" + "".join(
    map(chr, range(0xFE00, 0xFE10))
)
# Signs of direction that came after Unicode 3.2; and the capital ß that did.
_NEWER_BLANKS = "\u061c\u2066\u2067\u2068\u2069"
_NEWER_CASES = {"ẞ": "ß"}
_NOT_TEXT = ("Cn", "Co", "Cs")
# Where Unicode 3.2 has letters of two cases, blanks and what is invisible.
_RANGES = (range(1, 0x3100), range(0xA000, 0x10500), range(0x1D100, 0x1D200), range(0xE0000, 0xE0080))


def fold_code(code: str) -> str:
    """What is compared of a code: without blanks and what is invisible, in half width (NFKC), in one case."""
    return normalize("NFKC", normalize("NFKC", code).translate(_TABLE))


def is_code(text: str) -> bool:
    """Whether this can be a code: something remains of it, and every character is text that all sides read alike."""
    if "\x00" in text or not 1 <= len(fold_code(text)) <= MAX_CODE:
        return False
    return text.isascii() or all(_is_known(character) for character in text)


def _is_known(character: str) -> bool:
    return character in _NEWER_BLANKS or character in _NEWER_CASES or ucd_3_2_0.category(character) not in _NOT_TEXT


def _folded(character: str) -> str:
    """By simple case folding: the full one where that is one character, else the small letter where that is one."""
    return next((one for one in (character.casefold(), character.lower()) if len(one) == 1), character)


def _pairs() -> tuple[dict[str, str], str]:
    """Which character becomes which, and which are left out."""
    known = [chr(n) for part in _RANGES for n in part if ucd_3_2_0.category(chr(n)) not in _NOT_TEXT]
    blanks = [one for one in known if ucd_3_2_0.category(one) in _BLANK_CATEGORIES]
    cases = {one: folded for one in known if (folded := _folded(one)) != one}
    return {**cases, **_NEWER_CASES}, "".join(dict.fromkeys([*blanks, *_INVISIBLE, *_NEWER_BLANKS]))


_CASES, _BLANKS = _pairs()
_TABLE = str.maketrans("".join(_CASES), "".join(_CASES.values()), _BLANKS)


def _literal(text: str) -> str:
    return "E'" + "".join(f"\\U{ord(character):08x}" for character in text) + "'"


def _sql_table(*, ascii_only: bool) -> str:
    cases = {one: folded for one, folded in _CASES.items() if one.isascii() or not ascii_only}
    blanks = [one for one in _BLANKS if one.isascii() or not ascii_only]
    return f"{_literal(''.join([*cases, *blanks]))}, {_literal(''.join(cases.values()))}"


# Most codes are ASCII, and a long table is slow: theirs is short.
SQL_FUNCTION = f"""
CREATE FUNCTION fold_code(code text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
  CASE WHEN octet_length(code) = char_length(code) THEN translate(code, {_sql_table(ascii_only=True)})
  ELSE normalize(translate(normalize(code, NFKC), {_sql_table(ascii_only=False)}), NFKC) END
"""
