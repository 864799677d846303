"""The database session and the only place that commits."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session
from sqlalchemy import Engine, Executable, MetaData, TextClause
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


# The engine of units that only read; the default one is for all others.
READING = "reading"


class UnitSession(Session):
    """A session over the connections that suit its unit of work."""

    def get_bind(self, *_: Any, **__: Any) -> Engine:
        return self._db.engines[READING if self.info.get(READING) else None]


# What was committed needs no reading again: a unit of work ends with its commit.
db = SQLAlchemy(
    model_class=Base, disable_autonaming=True, session_options={"expire_on_commit": False, "class_": UnitSession}
)


@contextmanager
def unit_of_work(*, reading: bool = False) -> Iterator[None]:
    """Commit everything done inside, or nothing; then run what was registered with `after_commit`.

    A refusal that `keeps_changes` commits, too, and is raised all the same. One that is `reading` has no transaction
    to begin and commit, each statement sees what is committed by then, and PostgreSQL refuses to write.
    """
    session = db.session()
    earlier = session.info.get(READING, False)
    session.info[READING] = reading
    try:
        yield
        session.commit()
    except BaseException as error:
        if isinstance(error, DomainError) and error.keeps_changes:
            session.commit()
        session.rollback()
        session.info.pop("after_commit", None)
        raise
    finally:
        session.info[READING] = earlier
    for callback in session.info.pop("after_commit", []):
        try:
            callback()
        except Exception:
            # The data is committed; the sweep finds whatever was not queued.
            log.exception("after-commit callback failed")


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


def close_connections() -> None:
    """Close what is pooled: at the end, and before processes are forked, which must not share a socket."""
    for engine in db.engines.values():
        engine.dispose()


def after_commit(callback: Callable[[], object]) -> None:
    """Run `callback` once the current unit of work has committed; drop it if that rolls back."""
    db.session.info.setdefault("after_commit", []).append(callback)


def fetch_all(statement: Executable, parameters: Mapping[str, Any] | None = None) -> Sequence[dict[str, Any]]:
    """All rows of `statement` as plain dictionaries."""
    if isinstance(statement, TextClause):
        return driver.execute(db.session.connection(), statement, parameters).fetchall()
    result = db.session.execute(statement, parameters)
    names = tuple(result.keys())
    return [dict(zip(names, row, strict=True)) for row in result.all()]


def fetch_one(statement: Executable, parameters: Mapping[str, Any] | None = None) -> dict[str, Any] | None:
    """The first row of `statement` as a plain dictionary, or None."""
    if isinstance(statement, TextClause):
        return driver.execute(db.session.connection(), statement, parameters).fetchone()
    result = db.session.execute(statement, parameters)
    names = tuple(result.keys())
    row = result.first()
    return None if row is None else dict(zip(names, row, strict=True))
