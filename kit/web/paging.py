"""Keyset pages: opaque signed cursors, never offsets."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import request
from marshmallow import fields, post_load

from kit.errors import Malformed
from kit.web import validate
from kit.web.cursors import Foreign, read_cursor, write_cursor
from kit.web.io import QueryIn
from kit.words import say

MAX_LIMIT = 200
DEFAULT_LIMIT = 50
# Where a list is counted by reading it, so many are counted.
MAX_COUNTED = 1000

Row = dict[str, Any]


REASONS = {
    "not_ours": say("bad_cursor.not_ours"),
    "other_database": say("bad_cursor.other_database"),
    "other_reader": say("bad_cursor.other_reader"),
}


class BadCursor(Malformed):
    """The cursor was not made for this list, caller and database; `reason` says which."""

    code = "bad_cursor"


class PageIn(QueryIn):
    """`limit`, `cursor` and `count`, for every list."""

    limit = fields.Integer(
        load_default=DEFAULT_LIMIT,
        validate=validate.Range(1, MAX_LIMIT),
        metadata={"description": f"Items per page, 1 to {MAX_LIMIT}."},
    )
    cursor = fields.String(
        load_default=None,
        validate=validate.Length(max=1000),
        metadata={"description": "`next_cursor` of the last page."},
    )
    count = fields.Boolean(load_default=False, metadata={"description": "Say how many there are: `total`."})

    @post_load
    def leave_count_to_page(self, asked: dict[str, Any], **_: Any) -> dict[str, Any]:
        """No view has anything to do with it: `page` counts."""
        del asked["count"]
        return asked


def page(
    fetch: Callable[[list[Any] | None, int], Sequence[Row]],
    *,
    name: str,
    cursor: str | None,
    limit: int,
    key: Callable[[Row], list[Any]],
    count: Callable[[], int] | None = None,
) -> dict[str, Any]:
    """One page of the list `name`: `fetch(after, n)` reads `n` rows whose sort key is past `after`.

    `key` gives a row's sort key as JSON values, unique in the list. Asked how many there are, the answer has the
    `total` by `count`, or else by reading up to MAX_COUNTED rows.
    """
    after = _read(cursor, name) if cursor else None
    rows = fetch(after, limit + 1)
    items = list(rows[:limit])
    more = len(rows) > limit
    answer = {"items": items, "next_cursor": write_cursor(key(items[-1]), name=name) if more else None}
    if not _is_counting():
        return answer
    return {**answer, "total": count() if count else len(fetch(None, MAX_COUNTED))}


def _is_counting() -> bool:
    return request.args.get("count") in fields.Boolean.truthy


def _read(cursor: str, name: str) -> list[Any]:
    try:
        return read_cursor(cursor, name=name)
    except Foreign as foreign:
        raise bad_cursor(str(foreign)) from None


def bad_cursor(reason: str) -> BadCursor:
    """The refusal of a cursor for one of REASONS."""
    return BadCursor(REASONS[reason], reason=reason)
