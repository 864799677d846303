"""Thousands of rows into one table in a handful of statements."""

from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Select, Text, cast, column, false, func, literal, literal_column, or_, select
from sqlalchemy.dialects.postgresql import JSONB, insert

from kit.db import Base, db

ROWS_PER_STATEMENT = 10_000


def upsert(
    table: type[Base],
    rows: Sequence[dict[str, Any]],
    *,
    key: str,
    once: Collection[str] = (),
    create_only: bool = False,
) -> dict[str, str]:
    """What became of each code in the column `key`: "created" or "updated", by the code's key (kit/codes.py).

    What is left out was already so, and nothing was written. A code stays as it was written first, columns named in
    `once` are set on creation only; with `create_only`, rows that exist stay as they are. All rows have the same
    columns.
    """
    key_column = f"{key}_key"
    became: dict[str, str] = {}
    for chunk in _chunks(rows):
        changing = [] if create_only else [name for name in chunk[0] if name != key and name not in once]
        wanted = _wanted(table, chunk, key=key, changing=changing)
        statement = insert(table).from_select(list(chunk[0]), wanted, include_defaults=False)
        if create_only:
            statement = statement.on_conflict_do_nothing(index_elements=[key_column])
        else:
            updates = {name: statement.excluded[name] for name in changing}
            statement = statement.on_conflict_do_update(index_elements=[key_column], set_=updates)
        # A row that ON CONFLICT updated carries the updating transaction in xmax; a fresh one carries none.
        fresh: ColumnElement[bool] = literal_column("xmax = 0")
        for value, created in db.session.execute(statement.returning(table.__table__.c[key_column], fresh)):
            became[value] = "created" if created else "updated"
    return became


def _wanted(table: type[Base], rows: list[dict[str, Any]], *, key: str, changing: list[str]) -> Select[Any]:
    """The given rows that are new or differ, in the order of their keys, so that two imports never deadlock."""
    columns = table.__table__.c
    document = cast(literal(orjson.dumps(rows).decode(), Text), JSONB)
    given = (
        func.jsonb_to_recordset(document)
        .table_valued(*(column(name, columns[name].type) for name in rows[0]))
        .render_derived("given", with_types=True)
    )
    folded = func.fold_code(given.c[key])
    differs = or_(false(), *(columns[name].is_distinct_from(given.c[name]) for name in changing))
    return (
        select(*(given.c[name] for name in rows[0]))
        .outerjoin_from(given, table, columns[f"{key}_key"] == folded)
        .where(or_(columns[key].is_(None), differs))
        .order_by(folded)
    )


def _chunks(rows: Sequence[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    waiting = iter(rows)
    while chunk := list(islice(waiting, ROWS_PER_STATEMENT)):
        yield chunk
