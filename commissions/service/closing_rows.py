"""What is due of a period as rows, and the one statement that posts the difference to what was posted of it."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import msgspec
from sqlalchemy import text

from commissions.queries.facts import Loaded, Span
from commissions.rules.closing import Due, cause_of
from commissions.rules.pay.measures import store_of
from commissions.service.accounts import ensure_accounts
from kit.db import db
from models import PayPeriod

POST = text("""
    WITH asked AS MATERIALIZED (
      SELECT CAST(:version_id AS uuid) AS version_id, CAST(:period_id AS uuid) AS period_id,
             CAST(:period_ends AS date) AS period_ends, CAST(:currency AS varchar) AS currency,
             CAST(:read_at AS timestamptz) AS read_at
    ), target AS (
      SELECT * FROM json_to_recordset(CAST(:dues AS json)) AS row (rule_no int, cause text, guide_id uuid,
        store_id uuid, order_line_id uuid, decision_id uuid, day date, fen bigint)
    ), posted AS (
      SELECT e.rule_no, t.cause, e.guide_id, e.store_id, e.order_line_id, e.business_day AS day, e.signed_fen,
             e.sequence, e.decision_id
      FROM asked JOIN ledger_entry e ON (e.plan_version_id, e.period_ends) = (asked.version_id, asked.period_ends)
      JOIN ledger_transaction t ON (t.id, t.cause_id) = (e.transaction_id, asked.period_id)
    ), open AS MATERIALIZED (
      SELECT store_id, first_open_day(store_id, NULL) AS first_day
      FROM (SELECT store_id FROM target UNION SELECT store_id FROM posted) store
    ), difference AS (
      SELECT rule_no, cause, guide_id, store_id, order_line_id, greatest(day, open.first_day) AS day, sum(fen) AS fen,
             max(sequence) AS sequence, (array_agg(decision_id ORDER BY sequence DESC))[1] AS decision_id
      FROM (SELECT *, NULL::int AS sequence FROM target
            UNION ALL
            SELECT rule_no, cause, guide_id, store_id, order_line_id, decision_id, day, -signed_fen, sequence
            FROM posted
      ) moved JOIN open USING (store_id)
      GROUP BY 1, 2, 3, 4, 5, 6
    ), numbered AS (
      SELECT difference.*, max(sequence) OVER entry AS before,
             coalesce(max(sequence) OVER entry, 0) + row_number() OVER (entry ORDER BY fen = 0, fen) AS next
      FROM difference WINDOW entry AS (PARTITION BY rule_no, guide_id, store_id, order_line_id)
    ), due AS MATERIALIZED (
      SELECT numbered.*, coalesce(own.order_id, other.order_id) AS because_order_id
      FROM numbered CROSS JOIN asked
      -- What was posted before is closed anew because of what has come in since: of the line itself, or in its store.
      LEFT JOIN LATERAL (
        SELECT r.order_id FROM order_line r JOIN sales_order o ON o.id = r.order_id
        WHERE r.original_line_id = numbered.order_line_id AND o.changed_at > asked.read_at
          AND numbered.before IS NOT NULL
        ORDER BY o.changed_at DESC, o.id LIMIT 1
      ) own ON true
      LEFT JOIN LATERAL (
        SELECT o.id AS order_id FROM sales_order o
        WHERE o.store_id = numbered.store_id AND o.changed_at > asked.read_at
          AND numbered.before IS NOT NULL AND own.order_id IS NULL
        -- A refund changes its sale, too, and is the reason.
        ORDER BY o.changed_at DESC, o.receipt_kind, o.id LIMIT 1
      ) other ON true
      WHERE fen <> 0
    ), posting AS (
      INSERT INTO ledger_transaction (cause, cause_id) SELECT DISTINCT cause, asked.period_id FROM due, asked
      RETURNING id, cause
    )
    INSERT INTO ledger_entry
      (transaction_id, debit_account_id, credit_account_id, amount_fen, signed_fen, currency, order_line_id, guide_id,
       store_id, plan_version_id, rule_no, sequence, business_day, period_ends, because_order_id,
       decision_id)
    SELECT posting.id, CASE WHEN fen > 0 THEN expense.id ELSE payable.id END,
           CASE WHEN fen > 0 THEN payable.id ELSE expense.id END, abs(fen), fen, asked.currency, order_line_id,
           guide_id, due.store_id, asked.version_id, rule_no, next, day, asked.period_ends, because_order_id,
           decision_id
    FROM due JOIN posting USING (cause) CROSS JOIN asked
    -- Left joins: an account that is missing must fail the entry, not drop it.
    LEFT JOIN ledger_account expense
      ON (expense.kind, expense.currency) = ('commission_expense', asked.currency)
    LEFT JOIN ledger_account payable ON payable.currency = asked.currency
      AND coalesce(payable.staff_id, payable.store_id) = coalesce(due.guide_id, due.store_id)
""")


class DueRow(msgspec.Struct, frozen=True):
    """What somebody is due, as a row."""

    rule_no: int
    cause: str
    guide_id: UUID | None
    store_id: UUID
    order_line_id: UUID | None
    decision_id: UUID | None
    day: date
    fen: int


def post_rows(rows: Sequence[DueRow], *, version_id: UUID, period_ends: date, currency: str, period: PayPeriod) -> int:
    """Post what is due of a plan's period in fen, less what was posted of it; how many entries that took."""
    ensure_accounts({(row.guide_id, row.store_id) for row in rows}, currency=currency)
    parameters = {
        "dues": msgspec.json.encode(rows).decode(),
        "version_id": version_id,
        "period_id": period.id,
        "period_ends": period_ends,
        "currency": currency,
        "read_at": period.read_at,
    }
    return int(db.session.execute(POST, parameters).rowcount)  # type: ignore[attr-defined]


def row_of(span: Span, loaded: Loaded, due: Due) -> DueRow:
    """An amount that is due, with the ids behind its names."""
    is_store = due.to.kind == "b_store"
    line = None if due.line is None else loaded.lines[due.line]
    earned_at = line.store_id if line else None
    return DueRow(
        rule_no=due.rule_no,
        cause=cause_of(span.plan, due.rule_no),
        guide_id=None if is_store else loaded.staff_ids[due.to.code],
        store_id=loaded.store_ids[due.to.code] if is_store else earned_at or _home(loaded, due.to.code),
        order_line_id=line.line_id if line else None,
        decision_id=line.decision_id if line else None,
        day=line.day if line else span.days.last,
        fen=due.fen,
    )


def _home(loaded: Loaded, name: str) -> UUID:
    """The store of somebody's money that belongs to no line; a regional manager's, one of their region."""
    facts = loaded.facts
    placed = store_of(facts, name)
    if placed in loaded.store_ids:
        return loaded.store_ids[placed]
    region = facts.store_of(placed).region
    inside = sorted(store.code for store in facts.stores if store.region == region and store.code in loaded.store_ids)
    return loaded.store_ids[inside[0]]
