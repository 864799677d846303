"""When customers are left alone."""

from typing import Any
from uuid import UUID

from sqlalchemy import text

from customers.queries.policies import get_policy
from customers.rules.policies import ContactPolicy
from kit.db import fetch_one

Row = dict[str, Any]

OF_PERSON = text("""
SELECT q.starts, q.ends, s.time_zone, CASE WHEN q.customer_id IS NULL THEN 'store' ELSE 'customer' END AS set_for
FROM customer c
LEFT JOIN binding b ON b.customer_id = c.id AND b.ended_at IS NULL
LEFT JOIN store s ON s.id = coalesce(c.store_id, b.store_id)
LEFT JOIN quiet_hours q ON q.customer_id = c.id OR q.store_id = s.id
WHERE c.id = :id
ORDER BY q.customer_id NULLS LAST LIMIT 1""")
OF_STORE = text("""
SELECT q.starts, q.ends, s.time_zone, 'store' AS set_for
FROM store s LEFT JOIN quiet_hours q ON q.store_id = s.id WHERE s.id = :id""")


def get_quiet_hours(*, person_id: UUID | None = None, store_id: UUID | None = None) -> Row:
    """The quiet hours of a person or a store, on the clocks of `time_zone`, and whose setting they are (`set_for`)."""
    found = fetch_one(OF_STORE, {"id": store_id}) if person_id is None else fetch_one(OF_PERSON, {"id": person_id})
    return _effective(found or {})


def _effective(row: Row) -> Row:
    policy = get_policy(ContactPolicy)
    zone = {"time_zone": row.get("time_zone") or policy.time_zone}
    if row.get("starts") is None:
        return {"starts": policy.quiet_from, "ends": policy.quiet_until, "set_for": "chain", **zone}
    return {"starts": row["starts"], "ends": row["ends"], "set_for": row["set_for"], **zone}
