"""Keyset pages: opaque signed cursors, never offsets."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import orjson
from flask import current_app
from itsdangerous import BadSignature, Signer
from marshmallow import fields, validate

from kit.errors import Malformed
from kit.web.io import QueryIn

MAX_LIMIT = 200
DEFAULT_LIMIT = 50

Row = dict[str, Any]


class BadCursor(Malformed):
    """The cursor was not made by this server, or not for this list."""

    code = "bad_cursor"
    title = "Bad cursor"


class PageIn(QueryIn):
    """`limit` and `cursor`, for every list."""

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


def page(
    fetch: Callable[[list[Any] | None, int], Sequence[Row]],
    *,
    name: str,
    cursor: str | None,
    limit: int,
    key: Callable[[Row], list[Any]],
) -> dict[str, Any]:
    """One page of the list `name`: `fetch(after, n)` reads `n` rows whose sort key is past `after`.

    `key` gives a row's sort key as JSON values, unique in the list.
    """
    after = _read(cursor, name) if cursor else None
    rows = fetch(after, limit + 1)
    items = list(rows[:limit])
    more = len(rows) > limit
    return {"items": items, "next_cursor": _write(key(items[-1]), name) if more else None}


@lru_cache
def _signer(secret: str, name: str) -> Signer:
    """A signer of one list's cursors, whose key is derived once and not for each."""
    salt = f"cursor:{name}"
    return Signer(Signer(secret, salt=salt).derive_key(), salt=salt, key_derivation="none")


def _write(key: list[Any], name: str) -> str:
    signer = _signer(current_app.config["SECRET_KEY"], name)
    return signer.sign(urlsafe_b64encode(orjson.dumps(key)).rstrip(b"=")).decode()


def _read(cursor: str, name: str) -> list[Any]:
    try:
        signed = _signer(current_app.config["SECRET_KEY"], name).unsign(cursor)
    except BadSignature:
        raise BadCursor from None
    key: list[Any] = orjson.loads(urlsafe_b64decode(signed + b"=="))
    return key
