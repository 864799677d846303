"""Which input no database column can hold, whatever its field allows."""

from collections.abc import Mapping
from typing import Any

from flask import request

from kit.errors import NotFound
from kit.words import Said, say

MAX_INTEGER = 2**63 - 1
MAX_DEPTH = 20


def find_unstorable(value: Any, depth: int = 0) -> Said | None:
    """Why `value` cannot be stored (NUL characters, lone surrogates, huge numbers, deep nesting), or None."""
    if depth > MAX_DEPTH:
        return say("nested_too_deeply")
    if isinstance(value, str):
        return _text_problem(value)
    if isinstance(value, (int, float)):
        return None if abs(value) <= MAX_INTEGER else say("number_too_large")
    if isinstance(value, Mapping):
        parts = [*value.keys(), *value.values()]
    elif isinstance(value, list):
        parts = value
    else:
        return None
    return next((problem for part in parts if (problem := find_unstorable(part, depth + 1))), None)


def _text_problem(text: str) -> Said | None:
    if "\x00" in text:
        return say("nul_character")
    if text.isascii():
        return None
    try:
        text.encode()
    except UnicodeEncodeError:
        return say("not_unicode")
    return None


def refuse_unstorable_path() -> None:
    """Nothing has a name that no column can hold."""
    if find_unstorable(request.path):
        raise NotFound
