"""What the tests of the ledger ask of it."""

from collections import defaultdict
from typing import Any
from uuid import UUID

from sqlalchemy import select, text

from kit.db import db
from models import LedgerEntry


def entries() -> list[LedgerEntry]:
    db.session.expire_all()
    return list(db.session.scalars(select(LedgerEntry).order_by(LedgerEntry.id)))


def balances() -> dict[UUID | None, int]:
    """Fen per owner of an account (None: the chain's expense), from the entries alone; zeros left out."""
    statement = text("""
        SELECT staff_id, sum(fen)::bigint AS fen FROM (
          SELECT credit_account_id AS account_id, amount_fen AS fen FROM ledger_entry
          UNION ALL SELECT debit_account_id, -amount_fen FROM ledger_entry
        ) moved JOIN ledger_account a ON a.id = account_id GROUP BY staff_id
    """)
    found: dict[UUID | None, int] = defaultdict(int)
    for staff_id, fen in db.session.execute(statement):
        if fen:
            found[staff_id] = fen
    return dict(found)


def raw_entries() -> list[tuple[Any, ...]]:
    """All entries to the last column, with the transactions that wrote them."""
    return [tuple(row) for row in db.session.execute(text("SELECT xmin::text, * FROM ledger_entry ORDER BY id"))]
