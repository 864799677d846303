"""Cursors: opaque, signed, and bound to the list, the caller and the database that they were given for.

A cursor that was made for another of these is refused: it would answer an empty page for ever, or skip rows.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import lru_cache
from typing import Any

import orjson
from flask import current_app, g
from itsdangerous import BadSignature, Signer
from sqlalchemy import text

from kit.db import db

# A copy of a database is another one: it was restored into another cluster, or under another name.
IDENTITY = text("""
SELECT (SELECT system_identifier FROM pg_control_system())::text || '.' ||
       (SELECT oid FROM pg_database WHERE datname = current_database())::text
""")


class Foreign(Exception):
    """The cursor is of something else; the argument says of what."""


def write_cursor(position: list[Any], *, name: str) -> str:
    """A cursor to `position` (JSON values) of the list or feed `name`, for the caller."""
    content = orjson.dumps([_database(), str(g.principal.id), position])
    return _signer(current_app.config["SECRET_KEY"], name).sign(urlsafe_b64encode(content).rstrip(b"=")).decode()


def read_cursor(cursor: str, *, name: str) -> list[Any]:
    """The position that `cursor` stands for; raises Foreign with `not_ours`, `other_database` or `other_reader`."""
    try:
        signed = _signer(current_app.config["SECRET_KEY"], name).unsign(cursor)
    except BadSignature:
        raise Foreign("not_ours") from None
    database, reader, position = orjson.loads(urlsafe_b64decode(signed + b"=="))
    if database != _database():
        raise Foreign("other_database")
    if reader != str(g.principal.id):
        raise Foreign("other_reader")
    return list(position)


def _database() -> str:
    """Asked for once by each process: it reaches one database as long as it lives."""
    known: str | None = current_app.extensions.get("database_identity")
    if known is None:
        known = current_app.extensions["database_identity"] = str(db.session.scalar(IDENTITY))
    return known


@lru_cache
def _signer(secret: str, name: str) -> Signer:
    """A signer of one list's cursors, whose key is derived once and not for each."""
    salt = f"cursor:{name}"
    return Signer(Signer(secret, salt=salt).derive_key(), salt=salt, key_derivation="none")
