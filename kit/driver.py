"""Statements written as text go straight to the driver, over the connection of the unit of work.

SQLAlchemy takes longer to hand such a statement on than PostgreSQL to answer a small one; of what it adds, only the
names of its errors are of use here.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from psycopg import Cursor, Error
from psycopg.rows import DictRow, dict_row
from sqlalchemy import Connection, TextClause, text
from sqlalchemy.dialects.postgresql import dialect
from sqlalchemy.exc import DBAPIError


def execute(
    connection: Connection, statement: TextClause, parameters: Mapping[str, Any] | None, *, prepare: bool | None = None
) -> Cursor[DictRow]:
    """The rows of `statement` as dictionaries; raises SQLAlchemy's errors.

    Statements that come again and again are prepared, and their plans kept, unless `prepare` is False.
    """
    sql = _as_sent(statement.text)
    driver: Any = connection.connection
    try:
        cursor: Cursor[DictRow] = driver.cursor(row_factory=dict_row)
        return cursor.execute(sql, parameters or {}, prepare=prepare)
    except Error as error:
        raise _named(connection, sql, parameters, error) from error


@lru_cache(maxsize=1000)
def _as_sent(words: str) -> str:
    return str(text(words).compile(dialect=dialect(paramstyle="pyformat")))  # type: ignore[no-untyped-call]


def _named(connection: Connection, sql: str, parameters: Mapping[str, Any] | None, error: Error) -> Exception:
    is_lost = bool(getattr(connection.connection.dbapi_connection, "closed", True))
    if is_lost:
        connection.invalidate(error)
    return DBAPIError.instance(
        sql,
        parameters,
        error,
        Error,
        hide_parameters=connection.engine.hide_parameters,
        connection_invalidated=is_lost,
        dialect=connection.dialect,
    )
