"""Accounts of the ledger, made when they are first needed."""

from collections.abc import Collection
from uuid import UUID

import msgspec
from sqlalchemy import text

from kit.db import db

# Sorted, so that two workers that need the same accounts wait for each other and never in a circle.
ENSURE = text("""
    WITH wanted AS (
      SELECT DISTINCT CASE WHEN guide_id IS NULL THEN 'store_pool' ELSE 'guide_payable' END AS kind,
             guide_id AS staff_id, CASE WHEN guide_id IS NULL THEN store_id END AS store_id
      FROM json_to_recordset(CAST(:owners AS json)) AS row (guide_id uuid, store_id uuid)
      UNION ALL SELECT 'commission_expense', NULL, NULL
    )
    INSERT INTO ledger_account (kind, staff_id, store_id, currency)
    SELECT kind, staff_id, store_id, CAST(:currency AS varchar) FROM wanted
    WHERE NOT EXISTS (
      SELECT FROM ledger_account held WHERE (held.kind, held.currency) = (wanted.kind, CAST(:currency AS varchar))
        AND held.staff_id IS NOT DISTINCT FROM wanted.staff_id AND held.store_id IS NOT DISTINCT FROM wanted.store_id)
    ORDER BY kind, staff_id, store_id
    ON CONFLICT DO NOTHING
""")


def ensure_accounts(owners: Collection[tuple[UUID | None, UUID]], *, currency: str) -> None:
    """Make the accounts of these guides or, without a guide, of these stores' pools, and the expense account."""
    rows = [{"guide_id": guide_id, "store_id": store_id} for guide_id, store_id in owners]
    db.session.execute(ENSURE, {"owners": msgspec.json.encode(rows).decode(), "currency": currency})
