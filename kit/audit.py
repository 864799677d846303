"""Who did what to what, when, from where: written by the database, so that no SQL can forget it.

Triggers on the tables that matter (the migration function `audit_table`) write one row per changed row, with what it
was before and after; here the database is told who acts, in every transaction of a request or a job.
"""

from uuid import UUID

import orjson
from flask import current_app
from sqlalchemy import Connection, event, text
from sqlalchemy.orm import SessionTransaction

from kit import driver
from kit.db import UnitSession, db, is_reading

ACT = text("SELECT set_config('guideapi.actor', :actor, true)")
NOTE = text("SELECT audit_note(:table_name, :row_id, :action, CAST(:after AS jsonb))")
FORGET_MONTHS = text("SELECT forget_audit_months(:kept)")
MAKE_MONTHS = text("SELECT make_audit_months(:months)")
MONTHS_AHEAD = 3


def act_as(
    *, kind: str, principal_id: UUID | None = None, address: str | None = None, request_id: str | None = None
) -> None:
    """Let what this request or job changes from now on be put down to a principal, or to a job named as `kind`."""
    actor = {"id": principal_id, "kind": kind, "address": address, "request_id": request_id}
    db.session.info["actor"] = orjson.dumps(actor).decode()
    if db.session().in_transaction() and not is_reading():
        _tell(db.session.connection(), db.session.info["actor"])


@event.listens_for(UnitSession, "after_begin")
def _begin(session: UnitSession, transaction: SessionTransaction, connection: Connection) -> None:
    """Tell each further transaction, too; a reading unit has none, and a savepoint belongs to one."""
    actor: str | None = session.info.get("actor")
    if actor is not None and not transaction.nested and not is_reading():
        _tell(connection, actor)


def _tell(connection: Connection, actor: str) -> None:
    driver.execute(connection, ACT, {"actor": actor})


def note(*, table_name: str, row_id: str, action: str, **details: str | int) -> None:
    """Write down what changes no row but must be known: that personal data was revealed, say."""
    values = {"table_name": table_name, "row_id": row_id, "action": action}
    db.session.execute(NOTE, {**values, "after": orjson.dumps(details).decode()})


def make_months() -> None:
    """Have a partition for this month and the next ones; safe to run again."""
    db.session.execute(MAKE_MONTHS, {"months": MONTHS_AHEAD})


def forget_months() -> None:
    """Drop the months that are older than AUDIT_MONTHS; safe to run again."""
    db.session.execute(FORGET_MONTHS, {"kept": current_app.config["AUDIT_MONTHS"]})
