"""Statements written as text go straight to the driver, over the connection of the unit of work.

SQLAlchemy takes longer to hand such a statement on than PostgreSQL to answer a small one; of what it adds, only the
names of its errors are of use here.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from psycopg import Cursor, Error, errors
from psycopg.rows import DictRow, dict_row
from sqlalchemy import Connection, Engine, ExceptionContext, TextClause, event, text
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
    _conceal(error)
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


def conceal_values(engine: Engine) -> None:
    """Let no error of this engine's connections say what stood in a row or was sent: it ends in logs."""

    def conceal(context: ExceptionContext) -> None:
        error, outer = context.original_exception, context.sqlalchemy_exception
        if isinstance(error, Error):
            _conceal(error)
            if outer is not None:
                outer.args = (f"({type(error).__module__}.{type(error).__name__}) {error}",)

    event.listen(engine, "handle_error", conceal)


@contextmanager
def naming_no_values() -> Iterator[None]:
    """For what goes to the driver past `execute` and SQLAlchemy, such as COPY."""
    try:
        yield
    except Error as error:
        _conceal(error)
        raise


def _conceal(error: Error) -> None:
    """Leave what names things, not values: PostgreSQL's details and contexts quote rows, data errors what was sent."""
    said = error.diag
    if said.sqlstate is None:
        return  # not from the server: it tells of the connection, or which type cannot be sent
    words = "" if isinstance(error, errors.DataError) else said.message_primary
    names = (said.table_name, said.column_name, said.constraint_name)
    error.args = (" ".join(part for part in (said.sqlstate, words, *names) if part),)
