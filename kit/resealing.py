"""Sealing anew, page by page, what older keys sealed, so that those keys can be taken off the ring."""

import logging
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, func, select, update
from sqlalchemy.orm import InstrumentedAttribute

from kit import sealing
from kit.db import db, unit_of_work

log = logging.getLogger(__name__)

PAGE = 5_000
Column = InstrumentedAttribute[Any]
Page = Callable[..., UUID | None]


def reseal_all(page: Page) -> None:
    """Call `page(after=…)` until it answers None, each time in a unit of work of its own."""
    after = None
    while True:
        with unit_of_work():
            after = page(after=after)
        if after is None:
            return


def reseal_page(
    sealed: Column,
    *,
    key: Column,
    purpose: str,
    after: UUID | None,
    read: Sequence[Column] = (),
    also: Callable[..., dict[str, Any]] | None = None,
) -> UUID | None:
    """Seal anew with the newest key what stands in `sealed` in the next rows by `key`; None when no more are left.

    What was sealed for `purpose` was so at the place that `key` names. `also(plain, *read)` gives further columns to
    write, say an index. Rows that somebody else holds are left for another time; those whose key is lost, for good.
    """
    due = select(key, sealed, *read).where(sealed.is_not(None), _is_older(sealed))
    if after is not None:
        due = due.where(key > after)
    rows = db.session.execute(due.order_by(key).limit(PAGE).with_for_update(skip_locked=True)).all()
    if not rows:
        return None
    plain = [(row, text) for row in rows if (text := _unsealed(row, sealed, purpose)) is not None]
    changes = [
        {
            "row_key": row[0],
            sealed.key: sealing.seal(text, purpose=purpose, place=str(row[0])),
            **(also(text, *row[2:]) if also else {}),
        }
        for row, text in plain
    ]
    if changes:
        _write(sealed.class_.__table__, key, changes)
    last: UUID = rows[-1][0]
    return last


def _unsealed(row: Any, sealed: Column, purpose: str) -> bytes | None:
    try:
        return sealing.unseal(bytes(row[1]), purpose=purpose, place=str(row[0]))
    except sealing.Unsealable:
        log.error("%s of row %s cannot be unsealed: it stays as it is", sealed, row[0])
        return None


def _write(table: Any, key: Column, changes: list[dict[str, Any]]) -> None:
    columns: Any = {name: bindparam(name) for name in changes[0] if name != "row_key"}
    db.session.execute(update(table).where(table.c[key.key] == bindparam("row_key")).values(columns), changes)


def _is_older(sealed: Column) -> ColumnElement[bool]:
    prefix = sealing.newest_prefix()
    return func.substring(sealed, 1, len(prefix)) != prefix
