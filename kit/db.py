"""The database session and the only place that commits."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session
from psycopg import Cursor
from psycopg.rows import DictRow
from sqlalchemy import Connection, Engine, Executable, MetaData, TextClause
from sqlalchemy.orm import DeclarativeBase

from kit import driver
from kit.errors import DomainError

log = logging.getLogger(__name__)

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)


# Nothing that is written shows later than this after the instant it bears: kit.connections ends longer transactions,
# and a job is over by then, too. Figures that are kept up to date look back so far for what may have come in since.
LONGEST_TRANSACTION = timedelta(minutes=15)

# Marks an engine on which also reading happens in transactions (kit.connections).
IN_TRANSACTIONS = "in_transactions"
# The engines of units that only read, and of those among them that report; the default one is for all others.
READING, REPORTING = "reading", "reporting"


class Reader:
    """The connection of a unit that only reads, taken when it first asks; the ORM's session would cost more."""

    def __init__(self, engine: str) -> None:
        self._engine = engine
        self._connection: Connection | None = None

    def connection(self) -> Connection:
        if self._connection is None:
            self._connection = db.engines[self._engine].connect()
            if self._connection.get_execution_options().get(IN_TRANSACTIONS):
                self._connection.begin()
        return self._connection

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


_open: ContextVar[bool] = ContextVar("open", default=False)
_reader: ContextVar[Reader | None] = ContextVar("reader", default=None)


class UnitOfWorkOpen(RuntimeError):
    """A mistake in the program: a unit of work was opened inside another, whose half it would have committed."""


class UnitSession(Session):
    """A session over the connections that suit its unit of work."""

    def get_bind(self, *_: Any, **__: Any) -> Engine | Connection:
        reader = _reader.get()
        return self._db.engines[None] if reader is None else reader.connection()


# What was committed needs no reading again: a unit of work ends with its commit.
db = SQLAlchemy(
    model_class=Base, disable_autonaming=True, session_options={"expire_on_commit": False, "class_": UnitSession}
)


@contextmanager
def unit_of_work(*, reading: bool = False, reporting: bool = False) -> Iterator[None]:
    """Commit everything done inside, or nothing; then run what was registered with `after_commit`.

    A refusal that `keeps_changes` commits, too, and is raised all the same. One that is `reading` has no transaction
    to begin and commit, each statement sees what is committed by then, and PostgreSQL refuses to write. One that is
    `reporting` only reads, too, on one of few connections, and has each statement planned for what it asks.

    Units never nest, whether they read or write: raises UnitOfWorkOpen.
    """
    if _open.get():
        raise UnitOfWorkOpen('a unit of work is open; let its caller open none (units="own", @own_units)')
    with _opened(Reader(REPORTING if reporting else READING) if reading or reporting else None):
        yield
    for callback in db.session.info.pop("after_commit", []) if _has_session() else ():
        try:
            callback()
        except Exception:
            # The data is committed; the sweep finds whatever was not queued.
            log.exception("after-commit callback failed")


@contextmanager
def _opened(reader: Reader | None) -> Iterator[None]:
    tokens = _open.set(True), _reader.set(reader)
    try:
        yield
        _commit()
    except BaseException as error:
        if isinstance(error, DomainError) and error.keeps_changes:
            _commit()
        _undo()
        raise
    finally:
        _open.reset(tokens[0])
        _reader.reset(tokens[1])
        if reader is not None:
            reader.close()


def _commit() -> None:
    if _has_session():
        db.session.commit()


def _undo() -> None:
    if _has_session():
        db.session.rollback()
        # Where there was nothing to roll back, what was loaded would be believed for longer.
        db.session.expire_all()
        db.session.info.pop("after_commit", None)


def _has_session() -> bool:
    # A unit that only read by text has never asked for one.
    return db.session.registry.has()


@contextmanager
def rehearsal() -> Iterator[None]:
    """Do everything inside for real, then undo it, callbacks included; what came before stays."""
    savepoint = db.session.begin_nested()
    callbacks = list(db.session.info.get("after_commit", []))
    try:
        yield
    finally:
        savepoint.rollback()
        db.session.info["after_commit"] = callbacks


def is_reading() -> bool:
    """Whether the current unit of work only reads."""
    return _reader.get() is not None


def close_connections() -> None:
    """Close what is pooled: at the end, and before processes are forked, which must not share a socket."""
    for engine in db.engines.values():
        engine.dispose()


def after_commit(callback: Callable[[], object]) -> None:
    """Run `callback` once the current unit of work has committed, now where none is open; drop it if it rolls back."""
    if not _open.get():
        callback()
        return
    db.session.info.setdefault("after_commit", []).append(callback)


def fetch_all(statement: Executable, parameters: Mapping[str, Any] | None = None) -> Sequence[dict[str, Any]]:
    """All rows of `statement` as plain dictionaries."""
    if isinstance(statement, TextClause):
        return driver.execute(_connection(), statement, parameters).fetchall()
    result = db.session.execute(statement, parameters)
    names = tuple(result.keys())
    return [dict(zip(names, row, strict=True)) for row in result.all()]


def fetch_one(statement: Executable, parameters: Mapping[str, Any] | None = None) -> dict[str, Any] | None:
    """The first row of `statement` as a plain dictionary, or None."""
    if isinstance(statement, TextClause):
        return driver.execute(_connection(), statement, parameters).fetchone()
    result = db.session.execute(statement, parameters)
    names = tuple(result.keys())
    row = result.first()
    return None if row is None else dict(zip(names, row, strict=True))


def execute_anew(statement: TextClause, parameters: Mapping[str, Any] | None = None) -> Cursor[DictRow]:
    """What `statement` did, planned for what the tables hold now: a plan that was kept may be one for small tables."""
    return driver.execute(_connection(), statement, parameters, prepare=False)


def _connection() -> Connection:
    """The unit of work's, with everything written that objects hold: a text sees what any other statement sees."""
    reader = _reader.get()
    if reader is not None:
        return reader.connection()
    db.session.flush()
    return db.session.connection()
