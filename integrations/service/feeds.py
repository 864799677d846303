"""Deliveries are derived from facts that the rooms below keep anyway; no room tells this one anything.

What was skipped once would never be told, so a feed is read only as far as it is settled (kit/settled.py). A payload
stays the text that PostgreSQL made of it, whatever is in it.
"""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import TextClause, text

from integrations.service.owing import owe
from kit.db import db, fetch_all, fetch_one
from kit.settled import HORIZON, in_order, settled_past

BATCH = 1000

SHELF = text(f"""
SELECT e.transaction_id, e.id, e.created_at, 'product.shelf_changed' AS kind, CAST(jsonb_build_object(
  'product_id', e.product_id, 'external_id', p.external_id, 'source', s.code,
  'old_status', e.old_status, 'new_status', e.new_status, 'reason', e.reason) AS text) AS payload
FROM shelf_event e JOIN product p ON p.id = e.product_id JOIN source s ON s.id = p.source_id
WHERE {settled_past("e")} ORDER BY {in_order("e")} LIMIT :limit
""")  # noqa: S608 - built from constants
# What people decide and hand in is in the audit log: plans, each guide's task, submissions, statements approved.
DECISIONS = text(f"""
WITH read AS MATERIALIZED (
  SELECT *, CASE WHEN table_name IN ('task_plan', 'assignment', 'submission') THEN 'task.changed'
                 WHEN table_name = 'statement' AND after->>'state' = 'approved' THEN 'statement.approved' END AS kind
  FROM audit_entry WHERE {settled_past("audit_entry")} ORDER BY {in_order("audit_entry")} LIMIT :limit
)
SELECT a.transaction_id, a.id, a.created_at, a.kind,
  CAST(CASE a.table_name WHEN 'statement' THEN jsonb_build_object('statement_id', a.row_id)
    WHEN 'task_plan' THEN jsonb_build_object('plan_id', a.row_id)
    ELSE jsonb_build_object('plan_id', said.plan_id, 'task_id', task.id, 'guide_id', task.guide_id) END
  || CASE a.table_name WHEN 'submission' THEN jsonb_build_object('submission_id', a.row_id) ELSE '{{}}' END
  || jsonb_build_object('action', a.action, 'changed', a.after - 'note') AS text) AS payload
FROM read a
LEFT JOIN assignment task ON task.id = CASE a.table_name WHEN 'assignment' THEN CAST(a.row_id AS uuid)
  WHEN 'submission' THEN CAST(a.after->>'assignment_id' AS uuid) END
LEFT JOIN task_plan_version said ON said.id = task.version_id
ORDER BY {in_order("a")}
""")  # noqa: S608 - built from constants


class Feed(NamedTuple):
    """Facts past a place, at most so many, with the event that each is; those that are none have no kind."""

    facts: TextClause
    kinds: frozenset[str]


FEEDS = {
    "shelf": Feed(SHELF, frozenset({"product.shelf_changed"})),
    "decisions": Feed(DECISIONS, frozenset({"task.changed", "statement.approved"})),
}

WANTED = text("SELECT DISTINCT unnest(kinds) AS kind FROM webhook_subscription WHERE active")
BEGIN = text("INSERT INTO webhook_cursor VALUES (:feed, 0, 0) ON CONFLICT DO NOTHING")
LOCK = text("SELECT transaction_id, fact_id AS id FROM webhook_cursor WHERE feed = :feed FOR UPDATE SKIP LOCKED")
ADVANCE = text("UPDATE webhook_cursor SET transaction_id = :transaction_id, fact_id = :id WHERE feed = :feed")
# What was settled before is not to be told.
SKIP = text(f"""
INSERT INTO webhook_cursor AS held VALUES (:feed, {HORIZON}, 0)
ON CONFLICT (feed) DO UPDATE SET transaction_id = excluded.transaction_id, fact_id = excluded.fact_id
WHERE held.transaction_id < excluded.transaction_id
""")  # noqa: S608 - built from constants


def derive_deliveries(*, feed: str, now: datetime) -> int:
    """Owe each subscriber what happened since the feed was last read, at most BATCH facts; how many were read.

    What nobody subscribed to is not even read.
    """
    wanted = FEEDS[feed].kinds & _wanted()
    if not wanted:
        return 0
    db.session.execute(BEGIN, {"feed": feed})
    cursor = fetch_one(LOCK, {"feed": feed})
    if cursor is None:  # another worker is at it
        return 0
    facts = fetch_all(FEEDS[feed].facts, {**cursor, "limit": BATCH})
    events = [_owed(feed, fact, now) for fact in facts if fact["kind"] in wanted]
    owe(events)
    if facts:
        last = {"transaction_id": facts[-1]["transaction_id"], "id": facts[-1]["id"]}
        db.session.execute(ADVANCE, {"feed": feed, **last})
    return len(facts)


def skip_what_nobody_wanted() -> None:
    """Begin each feed that has no subscriber where it is now; for before there is one."""
    wanted = _wanted()
    for feed in FEEDS:
        if not FEEDS[feed].kinds & wanted:
            db.session.execute(SKIP, {"feed": feed})


def _wanted() -> set[str]:
    return {row["kind"] for row in fetch_all(WANTED)}


def _owed(feed: str, event: dict[str, Any], now: datetime) -> dict[str, Any]:
    return {
        "kind": event["kind"],
        "event_key": f"{feed}:{event['id']}",
        "payload": event["payload"],
        "created_at": event["created_at"],
        "now": now,
    }
