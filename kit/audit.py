"""Who did what to what, when, from where: written by the database, so that no SQL can forget it.

Triggers on the tables that matter (the migration function `audit_table`) write one row per changed row, with what it
was before and after; here the database is told who acts, for the length of the transaction.
"""

from uuid import UUID

import orjson
from sqlalchemy import text

from kit.db import db, fetch_one

ACT = text("SELECT set_config('guideapi.actor', :actor, true)")
NOTE = text("SELECT audit_note(:table_name, :row_id, :action, CAST(:after AS jsonb))")
MAKE_MONTHS = text("SELECT make_audit_months(:months)")
MONTHS_AHEAD = 3


def act_as(
    *, kind: str, principal_id: UUID | None = None, address: str | None = None, request_id: str | None = None
) -> None:
    """Let what this transaction changes be put down to a principal, or to a job named as `kind`."""
    actor = {"id": principal_id, "kind": kind, "address": address, "request_id": request_id}
    fetch_one(ACT, {"actor": orjson.dumps(actor).decode()})


def note(*, table_name: str, row_id: str, action: str, **details: str | int) -> None:
    """Write down what changes no row but must be known: that personal data was revealed, say."""
    values = {"table_name": table_name, "row_id": row_id, "action": action}
    db.session.execute(NOTE, {**values, "after": orjson.dumps(details).decode()})


def make_months() -> None:
    """Have a partition for this month and the next ones; safe to run again."""
    db.session.execute(MAKE_MONTHS, {"months": MONTHS_AHEAD})
