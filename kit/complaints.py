"""What msgspec says of an item that is not of its shape, in words of our tables (kit/words).

msgspec has its sentences in C and gives nothing but text: they are few, and read here (`_core.c`).
"""

import re
from collections.abc import Callable

import msgspec

from kit.words import TABLES, Said, say

_PLACE = re.compile(r" - at `(?P<path>[^`]*)`\Z")
_POSITION = re.compile(r"\(byte (\d+)\)\Z")
_BOUND = r"Expected `(?:int|float)` (?P<sign>>=|<=|>|<) (?P<bound>-?\d+)(?:\.0)?"
_LENGTH = r"Expected `(?P<type>str|array|object|bytes)` of length (?P<sign>>=|<=) (?P<bound>\d+)"
_TYPE = r"Expected `(?P<expected>[^`]+)`, got `(?P<got>[^`]+)`"
Reader = Callable[["re.Match[str]"], Said]


def read_complaint(error: Exception) -> Said:
    """Why an item cannot be taken, and at which of its fields."""
    if not isinstance(error, msgspec.ValidationError):
        return say("invalid_item", what=read_damage(error))
    text = str(error)
    what, path = _read(_PLACE.sub("", text)), field_of(error)
    return say("invalid_item.at", path=path, what=what) if path else say("invalid_item", what=what)


def field_of(error: Exception) -> str | None:
    """The path of the field that is wrong, such as `skus[0].price`; None where it is the item itself."""
    place = _PLACE.search(str(error))
    return (place["path"].removeprefix("$").removeprefix(".") or None) if place else None


def read_damage(error: Exception) -> Said:
    """Why a text is no JSON at all, with the place where it shows."""
    if isinstance(error, RecursionError):
        return say("nested_too_deeply")
    if isinstance(error, UnicodeDecodeError):
        return say("not_unicode")
    if position := _POSITION.search(str(error)):
        return say("malformed.not_json_at", byte=int(position[1]))
    return say("malformed.cut") if "truncated" in str(error) else say("malformed.not_json_text")


def _read(text: str) -> Said:
    if text in TABLES["en"]:
        return say(text)  # what a check of our own said, by its word
    for pattern, read in _READERS:
        if found := pattern.fullmatch(text):
            return read(found)
    return say("shape_differs")


def _type(found: "re.Match[str]") -> Said:
    expected = [_type_word(name) for name in found["expected"].split(" | ") if name != "null"]
    return say("wrong_type", expected=expected, got=_type_word(found["got"]))


def _type_word(name: str) -> Said:
    word = f"type.{name}"
    return say(word if word in TABLES["en"] else "type.other")


def _bound(found: "re.Match[str]") -> Said:
    bound = int(found["bound"])
    if found["sign"] == ">=":
        return say("out_of_range.at_least", min=bound)
    if found["sign"] == "<=":
        return say("out_of_range.at_most", max=bound)
    return say("out_of_range")


def _length(found: "re.Match[str]") -> Said:
    bound, kind = int(found["bound"]), "text" if found["type"] == "str" else "list"
    return say(f"too_short.{kind}", min=bound) if found["sign"] == ">=" else say(f"too_long.{kind}", max=bound)


_READERS: tuple[tuple["re.Pattern[str]", Reader], ...] = tuple(
    (re.compile(pattern, re.DOTALL), read)
    for pattern, read in (
        (_TYPE, _type),
        (_BOUND, _bound),
        (_LENGTH, _length),
        (r"Object missing required field `(?P<name>.*)`", lambda found: say("field_missing", name=found["name"])),
        (r"Object contains unknown field `(?P<name>.*)`", lambda found: say("field_unknown", name=found["name"][:100])),
        (r"Invalid enum value .*", lambda _: say("not_a_choice.unknown")),
        (r"Expected `str` matching regex '(?P<pattern>.*)'", lambda found: say("pattern_mismatch", pattern=found[1])),
        (r"Expected `datetime` with a timezone component", lambda _: say("time_without_zone")),
        (r"Invalid RFC3339 encoded datetime", lambda _: say("not_a_time")),
        (r"Invalid RFC3339 encoded date", lambda _: say("not_a_day")),
        (r"Invalid UUID", lambda _: say("not_a_uuid")),
        (r"Integer value out of range|Number out of range", lambda _: say("number_too_large")),
        (r"Invalid UTF-8 encoded string", lambda _: say("not_unicode")),
    )
)
