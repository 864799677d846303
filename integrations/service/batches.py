"""Facts of which there are many go in batches: one message tells of up to BATCH orders, customers, contents or entries.

Triggers write them down only while somebody is subscribed (models/guards/webhook_fact.sql); what is put into a delivery
is removed in the same transaction.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

import orjson
from sqlalchemy import text

from integrations.service.owing import owe
from kit.db import fetch_all

BATCH = 200
READ = 2000

Row = dict[str, Any]
# `since` is when the newest of those began who are to be told: facts of one batch are for the same receivers.
TAKE = text("""
WITH taken AS (
  DELETE FROM webhook_fact WHERE id IN (
    SELECT id FROM webhook_fact ORDER BY id LIMIT :limit FOR UPDATE SKIP LOCKED)
  RETURNING id, kind, action, row_id, created_at
)
SELECT t.*, (SELECT max(s.created_at) FROM webhook_subscription s
             WHERE s.active AND t.kind = ANY (s.kinds) AND s.created_at <= t.created_at) AS since
FROM taken t
""")
# Ids and what they are known by outside; whatever else there is, the API tells to those who may read it.
TOLD = {
    "order.changed": text("""
SELECT CAST(o.id AS text) AS row_id, jsonb_build_object(
  CASE o.receipt_kind WHEN 'refund' THEN 'refund_id' ELSE 'order_id' END, o.id, 'source', s.code,
  'external_id', o.external_id, 'version', o.source_version, 'store_id', o.store_id) AS told
FROM sales_order o JOIN source s ON s.id = o.source_id WHERE o.id = ANY (CAST(:ids AS uuid[]))"""),
    "customer.changed": text("""
SELECT CAST(id AS text) AS row_id, jsonb_build_object('customer_id', id) AS told
FROM customer WHERE id = ANY (CAST(:ids AS uuid[]))"""),
    "content.changed": text("""
SELECT CAST(id AS text) AS row_id, jsonb_build_object('content_id', id, 'state', state) AS told
FROM content WHERE id = ANY (CAST(:ids AS uuid[]))"""),
    "commission.posted": text("""
SELECT CAST(e.id AS text) AS row_id, jsonb_build_object('entry_id', e.id, 'order_id', l.order_id,
  'order_line_id', e.order_line_id, 'guide_id', e.guide_id) AS told
FROM ledger_entry e LEFT JOIN order_line l ON l.id = e.order_line_id WHERE e.id = ANY (CAST(:ids AS bigint[]))"""),
}


def derive_batches(*, now: datetime) -> int:
    """Owe each subscriber what was written down for them, at most READ facts; how many were read."""
    taken = fetch_all(TAKE, {"limit": READ})
    owe([event for batch in _batches(taken) for event in _events(batch, now)])
    return len(taken)


def _batches(taken: Sequence[Row]) -> Iterator[Sequence[Row]]:
    """Facts of one kind for the same receivers; those for nobody any more are left out."""
    alike = itemgetter("kind", "since")
    wanted = sorted((fact for fact in taken if fact["since"] is not None), key=itemgetter("kind", "since", "id"))
    for _, facts in groupby(wanted, key=alike):
        of_one = list(facts)
        yield from (of_one[start : start + BATCH] for start in range(0, len(of_one), BATCH))


def _events(batch: Sequence[Row], now: datetime) -> Iterator[Row]:
    kind, last = batch[0]["kind"], batch[-1]
    told = _told(kind, [fact["row_id"] for fact in batch])
    # Many changes of one thing are told once.
    changes = dict.fromkeys((fact["row_id"], fact["action"]) for fact in batch)
    items = [{**told[row_id], "action": action} for row_id, action in changes if row_id in told]
    if items:
        yield {
            "kind": kind,
            "event_key": f"facts:{last['id']}",
            "payload": orjson.dumps({"items": items}).decode(),
            "created_at": last["created_at"],
            "now": now,
        }


def _told(kind: str, row_ids: Sequence[str]) -> Mapping[str, Row]:
    return {row["row_id"]: row["told"] for row in fetch_all(TOLD[kind], {"ids": list(set(row_ids))})}
