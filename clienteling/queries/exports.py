"""Everything the chain holds about a person: who they are, what they bought, what was done for them."""

from typing import Any
from uuid import UUID

from sqlalchemy import text

from clienteling.queries.notes import open_note
from customers import queries as customers
from kit.db import fetch_all

ORDERS = text("""
SELECT o.external_id, o.ordered_at, o.channel, o.currency, o.net_fen, store.code AS store_code,
       (SELECT json_agg(json_build_object('line_no', line.line_no, 'sku', line.sku_code, 'title', line.product_title,
                                          'quantity', line.quantity, 'net_fen', line.net_fen) ORDER BY line.line_no)
        FROM order_line line WHERE line.order_id = o.id) AS lines
FROM sales_order o JOIN store ON store.id = o.store_id
WHERE o.customer_id = ANY (:ids) ORDER BY o.ordered_at
""")
FOLLOW_UPS = text("""
SELECT f.id, f.at, f.channel, f.outcome, f.next_on, f.sealed_note, staff.staff_no
FROM follow_up f JOIN staff ON staff.id = f.guide_id
WHERE f.customer_id = ANY (:ids) ORDER BY f.at
""")
FORWARDS = text("""
SELECT f.created_at, f.channel, content.title, staff.staff_no
FROM forward_confirmation c JOIN forward_key k ON k.id = c.forward_id
     JOIN forward f ON f.id = k.id AND f.created_at = k.created_at
     JOIN content_version content ON content.id = f.content_version_id
     JOIN staff ON staff.id = f.guide_id
WHERE c.customer_id = ANY (:ids) ORDER BY f.created_at
""")


def export_person(person_id: UUID) -> dict[str, Any]:
    """All of it, plain, by kind of fact; for the person it is about and nobody else."""
    ids = {"ids": customers.find_same(person_id)}
    return {
        **customers.export_person(person_id),
        "orders": fetch_all(ORDERS, ids),
        "follow_ups": [_opened(row) for row in fetch_all(FOLLOW_UPS, ids)],
        "delivered": fetch_all(FORWARDS, ids),
    }


def _opened(row: dict[str, Any]) -> dict[str, Any]:
    sealed, follow_up_id = row.pop("sealed_note"), row.pop("id")
    return {**row, "note": open_note(sealed, follow_up_id) if sealed is not None else None}
