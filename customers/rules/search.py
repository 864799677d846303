"""Whether a customer is the one whom somebody looks for by what they typed."""

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from kit.codes import fold_code
from kit.pinyin import readings_of

MAX_TYPED = 40
FEWEST_DIGITS = 4
_TELEPHONE = re.compile(r"\+\d{7,15}|(?:86)?1[3-9]\d{9}")
_BETWEEN_DIGITS = re.compile(r"[\s\-()]")
_LETTERS = re.compile(r"[a-z]{1,40}")


class Typed(NamedTuple):
    """What was typed, in each of the forms that are compared."""

    text: str  # of names and tags
    code: str  # of member numbers
    letters: str  # of spellings; empty where it can be none
    digits: str  # the last ones of a telephone; empty where it can be none


class Known(NamedTuple):
    """What a customer can be found by."""

    name: str
    member_no: str
    phones: Sequence[str]
    tags: Sequence[str]


def read_typed(typed: str) -> Typed:
    """What was typed, in all the forms in which it can be meant."""
    text = _folded(typed).strip()
    letters = text.replace("ü", "v").replace(" ", "").replace("'", "")
    digits = _BETWEEN_DIGITS.sub("", text)
    is_end = digits.isascii() and digits.isdigit() and len(digits) >= FEWEST_DIGITS
    return Typed(text, fold_code(typed), letters if _LETTERS.fullmatch(letters) else "", digits if is_end else "")


def is_telephone(typed: str) -> bool:
    """Whether this is a whole telephone number, and not the end of one."""
    return bool(_TELEPHONE.fullmatch(_BETWEEN_DIGITS.sub("", _folded(typed))))


def is_meant(typed: Typed, known: Known) -> bool:
    """Whether the name, its spelling or initials, a tag or the member number holds what was typed, or a telephone ends
    with it."""
    if typed.text and (typed.text in _folded(known.name) or any(typed.text in _folded(tag) for tag in known.tags)):
        return True
    if typed.code and typed.code in fold_code(known.member_no):
        return True
    if typed.digits and any(phone.endswith(typed.digits) for phone in known.phones):
        return True
    return bool(typed.letters) and is_spelled(typed.letters, known.name)


def is_spelled(letters: str, name: str) -> bool:
    """Whether the name, from one of its characters on, can be typed so: by syllables, initials, or both mixed.

    Every reading of a character counts: 曾 is found by z and by c.
    """
    places: set[int] = set()  # how many of the letters the characters so far stand for
    for character in name:
        further: set[int] = set()
        for reading in readings_of(character):
            for rest in (letters[place:] for place in {0, *places}):
                if reading.startswith(rest):
                    return True
                if rest.startswith(reading):
                    further.add(len(letters) - len(rest) + len(reading))
                if rest[0] == reading[0]:
                    further.add(len(letters) - len(rest) + 1)
        places = further
    return False


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
