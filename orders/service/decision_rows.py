"""Decisions and what they give, written by the thousand; one that says what the last one said is not written again."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import text

from kit.db import db

# What is given is in the order of CREDITS' record.
WRITE_DECISIONS = text("""
    WITH incoming AS MATERIALIZED (
      SELECT * FROM json_to_recordset(CAST(:decisions AS json)) AS row (id uuid, line_id uuid, order_revision int,
        policy_version int, reason text, candidates jsonb, digest bigint, credits jsonb)
    ), fresh AS MATERIALIZED (
      SELECT i.* FROM incoming i
      LEFT JOIN attribution a ON a.line_id = i.line_id LEFT JOIN attribution_decision held ON held.id = a.decision_id
      WHERE held.digest IS DISTINCT FROM i.digest
    ), decision AS (
      INSERT INTO attribution_decision
        (id, line_id, order_revision, policy_version, cause, reason, candidates, digest, decided_at)
      SELECT id, line_id, order_revision, policy_version, :cause, reason, candidates, digest, :now FROM fresh
    ), given AS (
      INSERT INTO credit (decision_id, line_id, decided_at, role, beneficiary_kind, beneficiary_id, place, share_bp)
      SELECT fresh.id, fresh.line_id, :now, c.*
      FROM fresh CROSS JOIN LATERAL jsonb_to_recordset(fresh.credits)
        AS c (role text, beneficiary_kind text, beneficiary_id uuid, place int, share_bp int)
    )
    INSERT INTO attribution (line_id, decision_id) SELECT line_id, id FROM fresh
    ON CONFLICT (line_id) DO UPDATE SET decision_id = excluded.decision_id
    RETURNING line_id
""")
# What takes back a line that is known lessens the credit of who has it for that.
FOLLOW_ORIGINALS = text("""
    WITH wanted AS MATERIALIZED (
      SELECT id, order_id, original_line_id FROM order_line
      WHERE order_id = ANY (CAST(:order_ids AS uuid[])) AND original_line_id IS NOT NULL
      UNION
      SELECT id, order_id, original_line_id FROM order_line WHERE original_line_id = ANY (CAST(:line_ids AS uuid[]))
    ), fresh AS MATERIALIZED (
      SELECT uuid7() AS id, l.id AS line_id, l.order_id, sold.decision_id AS original_decision_id,
             o.revision + CASE WHEN o.id = ANY (CAST(:order_ids AS uuid[])) THEN 0 ELSE 1 END AS order_revision
      FROM wanted l JOIN sales_order o ON o.id = l.order_id
      JOIN attribution sold ON sold.line_id = l.original_line_id
      LEFT JOIN attribution a ON a.line_id = l.id LEFT JOIN attribution_decision held ON held.id = a.decision_id
      WHERE held.original_decision_id IS DISTINCT FROM sold.decision_id
    ), decision AS (
      INSERT INTO attribution_decision
        (id, line_id, order_revision, policy_version, cause, reason, candidates, original_decision_id, decided_at)
      SELECT f.id, f.line_id, f.order_revision, d.policy_version, :cause, 'original', '[]', d.id, :now
      FROM fresh f JOIN attribution_decision d ON d.id = f.original_decision_id
    ), given AS (
      INSERT INTO credit (decision_id, role, beneficiary_id, beneficiary_kind, place, share_bp, line_id, decided_at)
      SELECT f.id, c.role, c.beneficiary_id, c.beneficiary_kind, c.place, c.share_bp, f.line_id, :now
      FROM fresh f JOIN credit c ON c.decision_id = f.original_decision_id
    ), pointed AS (
      INSERT INTO attribution (line_id, decision_id) SELECT line_id, id FROM fresh
      ON CONFLICT (line_id) DO UPDATE SET decision_id = excluded.decision_id
    )
    SELECT DISTINCT order_id FROM fresh
""")
REVISE = text("""
    UPDATE sales_order SET revision = revision + 1, changed_at = :now WHERE id = ANY (CAST(:order_ids AS uuid[]))
""")


class DecisionRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `attribution_decision` with its credits; `candidates` and `credits` are JSON."""

    id: UUID
    line_id: UUID
    order_revision: int
    policy_version: int
    reason: str
    candidates: msgspec.Raw
    digest: int
    credits: msgspec.Raw


def write_decisions(decisions: Sequence[DecisionRow], *, cause: str, now: datetime) -> list[UUID]:
    """Write those that say something else than the line's last one; the lines that these are of."""
    given = {"decisions": msgspec.json.encode(decisions).decode(), "cause": cause, "now": now}
    return list(db.session.scalars(WRITE_DECISIONS, given))


def follow_originals(
    order_ids: Collection[UUID], *, line_ids: Collection[UUID], cause: str, now: datetime
) -> list[UUID]:
    """Have what takes back a known line rest on that one's decision: of these orders, and of what takes back the lines.

    Returns the orders whose lines changed.
    """
    given = {"order_ids": list(order_ids), "line_ids": list(line_ids), "cause": cause, "now": now}
    return list(db.session.scalars(FOLLOW_ORIGINALS, given))


def revise_orders(order_ids: Collection[UUID], *, now: datetime) -> None:
    """Count another change of these orders, by which upper rooms find what they have to do again."""
    if order_ids:
        db.session.execute(REVISE, {"order_ids": sorted(order_ids), "now": now})
