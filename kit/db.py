"""The database session and the only place that commits."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Executable, MetaData
from sqlalchemy.orm import DeclarativeBase

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


# What was committed needs no reading again: a unit of work ends with its commit.
db = SQLAlchemy(model_class=Base, disable_autonaming=True, session_options={"expire_on_commit": False})


@contextmanager
def unit_of_work() -> Iterator[None]:
    """Commit everything done inside, or nothing; then run what was registered with `after_commit`.

    A refusal that `keeps_changes` commits, too, and is raised all the same.
    """
    try:
        yield
        db.session.commit()
    except BaseException as error:
        if isinstance(error, DomainError) and error.keeps_changes:
            db.session.commit()
        db.session.rollback()
        db.session.info.pop("after_commit", None)
        raise
    for callback in db.session.info.pop("after_commit", []):
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


def after_commit(callback: Callable[[], object]) -> None:
    """Run `callback` once the current unit of work has committed; drop it if that rolls back."""
    db.session.info.setdefault("after_commit", []).append(callback)


def fetch_all(statement: Executable, parameters: Mapping[str, Any] | None = None) -> Sequence[dict[str, Any]]:
    """All rows of `statement` as plain dictionaries."""
    result = db.session.execute(statement, parameters)
    names = tuple(result.keys())
    return [dict(zip(names, row, strict=True)) for row in result.all()]


def fetch_one(statement: Executable, parameters: Mapping[str, Any] | None = None) -> dict[str, Any] | None:
    """The first row of `statement` as a plain dictionary, or None."""
    result = db.session.execute(statement, parameters)
    names = tuple(result.keys())
    row = result.first()
    return None if row is None else dict(zip(names, row, strict=True))
