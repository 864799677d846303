"""Changes of shelf status, in an order that a reader can follow without missing any."""

from typing import Any

from sqlalchemy import text

from kit.db import fetch_all
from kit.settled import in_order, settled_past

EVENTS = text(f"""
SELECT e.id, e.transaction_id, e.product_id, p.external_id, s.code AS source, e.old_status, e.new_status, e.reason,
       e.source_version, e.created_at AS at
FROM shelf_event e
JOIN product p ON p.id = e.product_id
JOIN source s ON s.id = p.source_id
WHERE {settled_past("e")} ORDER BY {in_order("e")} LIMIT :limit
""")  # noqa: S608 - built from constants


def list_shelf_events(*, after: tuple[int, int], limit: int) -> list[dict[str, Any]]:
    """Up to `limit` settled events past `after` (transaction, id), oldest first."""
    return list(fetch_all(EVENTS, {"transaction_id": after[0], "id": after[1], "limit": limit}))
