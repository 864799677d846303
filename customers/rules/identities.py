"""How a channel's name for a customer is written, so that the same one is always the same text."""

import re

from kit.broken_codes import BrokenCode, check_code
from kit.names import without_marks
from kit.phones import read_phone
from kit.words import Said, Unfit, say

KINDS = ("phone", "wecom", "wechat_union", "mall", "email")
MAX_VALUE = 200
MAX_PHONES = 10  # in one cell
_EMAIL = re.compile(r"[^\s@,;<>\"]{1,64}@[^\s@,;<>\"]{1,190}\.[^\s@,;<>\".]{2,}")
_BETWEEN = re.compile(r"[;；,，、/|\n]|或")


def normalised(kind: str, value: str) -> str:
    """The one way to write `value`: phones in E.164, e-mail in lower case, ids as they are; raises Unfit."""
    text = without_marks(value)
    if not text or len(text) > MAX_VALUE or not text.isprintable():
        raise Unfit(say("unreadable.identity", max=MAX_VALUE))
    if kind == "phone":
        return read_phone(text)
    if kind == "email":
        return _email(text)
    return check_code(text)


def read_phones(cell: str) -> tuple[list[str], list[Said]]:
    """The telephones that a cell lists, and why others in it cannot be read; a blank may part numbers or digits."""
    parts = [part for part in _BETWEEN.split(without_marks(cell)) if part.strip()]
    found: list[str] = []
    reasons = [say("too_many.phones", max=MAX_PHONES)] if len(parts) > MAX_PHONES else []
    for part in parts[:MAX_PHONES]:
        try:
            found += [read_phone(part)]
        except BrokenCode:
            raise
        except Unfit as error:
            apart = _apart(part)
            found += apart
            reasons += [] if apart else [error.said]
    return list(dict.fromkeys(found)), reasons


def _apart(part: str) -> list[str]:
    """Several whole numbers with blanks between them; none where one of them is not."""
    words = part.split()
    try:
        return [read_phone(word) for word in words] if len(words) > 1 else []
    except Unfit:
        return []


def _email(text: str) -> str:
    if not _EMAIL.fullmatch(text):
        raise Unfit(say("unreadable.email"))
    return text.lower()
