"""Posting: what is owed for each line, less what was posted, as new entries. Nothing else writes the ledger.

Sale, change, refund, re-attribution, late classification and a new plan version are all the same to it, and a second
run posts nothing.
"""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from commissions import queries
from kit import locks
from kit.batches import settle_apart
from kit.db import db
from models import OrderPosting, PostingSettled

# Sorted, so that two workers that need the same accounts wait for each other and never in a circle.
ENSURE_ACCOUNTS = text("""
    WITH wanted AS (
      SELECT DISTINCT s.beneficiary_id AS guide_id, o.currency
      FROM unnest(CAST(:order_ids AS uuid[])) AS given (id)
      JOIN sales_order o USING (id) JOIN order_line l ON l.order_id = o.id JOIN attribution a ON a.line_id = l.id
      JOIN credit s ON s.decision_id = a.decision_id AND s.role = 'seller'
    ), account AS (
      SELECT 'guide_payable' AS kind, guide_id AS staff_id, currency FROM wanted
      WHERE NOT EXISTS (
        SELECT FROM ledger_account held
        WHERE (held.kind, held.staff_id, held.currency) = ('guide_payable', wanted.guide_id, wanted.currency))
      UNION
      SELECT 'commission_expense', NULL, currency FROM wanted
      WHERE NOT EXISTS (
        SELECT FROM ledger_account held
        WHERE (held.kind, held.currency) = ('commission_expense', wanted.currency) AND held.staff_id IS NULL)
    )
    INSERT INTO ledger_account (kind, staff_id, currency)
    SELECT kind, staff_id, currency FROM account
    ORDER BY kind, staff_id, currency
    ON CONFLICT DO NOTHING
""")

POST = text("""
    WITH version AS (
      SELECT id, plan_id, rules, effective_from,
             lead(effective_from, 1, 'infinity') OVER (PARTITION BY plan_id ORDER BY effective_from) AS effective_until
      FROM plan_version WHERE approved_at IS NOT NULL
    ), rule AS MATERIALIZED (
      SELECT v.id AS plan_version_id, v.plan_id, v.effective_from, v.effective_until, r.number::int AS rule_no,
             r.rule ->> 'brand' AS brand, r.rule ->> 'category' AS category, r.rule ->> 'sku' AS sku,
             r.rule ->> 'channel' AS channel, (r.rule ->> 'rate_bp')::int AS rate_bp
      FROM version v CROSS JOIN jsonb_array_elements(v.rules) WITH ORDINALITY AS r (rule, number)
    ), open AS MATERIALIZED (
      -- What a closed day would get is posted on the first day after those that are closed.
      SELECT store_id, first_open_day(store_id, NULL) AS first_day
      FROM (SELECT DISTINCT store_id FROM unnest(CAST(:order_ids AS uuid[])) AS given (id)
            JOIN sales_order o USING (id)) store
    ), line AS MATERIALIZED (
      SELECT l.id AS order_line_id, l.order_id, l.sku_code, l.net_fen, l.kept_fen, a.decision_id, b.name AS brand,
             c.path AS category, coalesce(sale.channel, o.channel) AS channel,
             coalesce(sale.ordered_at, o.ordered_at) AS earned_at, o.currency, o.revision, o.store_id,
             greatest(o.business_day, open.first_day) AS day, open.first_day AS open_from, l.classified_revision,
             worked.revision AS worked_revision
      FROM unnest(CAST(:order_ids AS uuid[])) AS given (id)
      JOIN sales_order o USING (id)
      JOIN order_line l ON l.order_id = o.id
      JOIN attribution a ON a.line_id = l.id
      LEFT JOIN open ON open.store_id = o.store_id
      LEFT JOIN order_posting worked ON worked.order_id = o.id
      LEFT JOIN order_line original ON original.id = l.original_line_id
      LEFT JOIN sales_order sale ON sale.id = original.order_id
      LEFT JOIN brand b ON b.id = l.brand_id
      LEFT JOIN category c ON c.id = l.category_id
    ), earned AS (
      SELECT DISTINCT ON (order_line_id, plan_id)
             order_line_id, decision_id, plan_version_id, rule_no, store_id, day, rate_bp, net_fen,
             -- What is left after a return, less what was left before it: as much as the sale earned goes in the end.
             share_fen(CASE WHEN kept_fen IS NULL THEN net_fen ELSE greatest(kept_fen, 0) END, rate_bp) AS after_fen,
             share_fen(coalesce(greatest(kept_fen - net_fen, 0), 0), rate_bp) AS before_fen
      FROM line JOIN rule ON line.earned_at >= rule.effective_from AND line.earned_at < rule.effective_until
       AND (rule.brand IS NULL OR rule.brand = line.brand)
       AND (rule.category IS NULL OR rule.category = line.category
            OR starts_with(line.category, rule.category || ' > '))
       AND (rule.sku IS NULL OR rule.sku = line.sku_code)
       AND (rule.channel IS NULL OR rule.channel = line.channel)
      ORDER BY order_line_id, plan_id, rule_no
    ), owed AS (
      SELECT order_line_id, s.beneficiary_id AS guide_id, plan_version_id, rule_no, store_id, day, rate_bp,
             CASE s.share_bp WHEN 10000 THEN net_fen ELSE split_fen(net_fen, shares, s.place) END AS net_fen,
             CASE s.share_bp WHEN 10000 THEN after_fen - before_fen
                  ELSE split_fen(after_fen, shares, s.place) - split_fen(before_fen, shares, s.place) END AS fen
      FROM earned JOIN credit s ON s.decision_id = earned.decision_id AND s.role = 'seller'
      LEFT JOIN LATERAL (
        SELECT array_agg(share_bp::bigint ORDER BY place) AS shares FROM credit all_of_it
        WHERE all_of_it.decision_id = earned.decision_id AND all_of_it.role = 'seller' AND s.share_bp < 10000
      ) of_all ON true
    ), posted AS (
      SELECT e.order_line_id, e.guide_id, e.plan_version_id, e.rule_no, e.store_id,
             greatest(e.business_day, line.open_from) AS day, max(e.rate_bp) AS rate_bp,
             max(e.sequence) AS sequence, sum(e.signed_fen)::bigint AS fen
      FROM line JOIN ledger_entry e USING (order_line_id)
      WHERE e.period_ends IS NULL
      GROUP BY 1, 2, 3, 4, 5, 6
    ), difference AS (
      -- By day and store, too: what a source moves is taken back where it was posted, and posted where it is now.
      SELECT order_line_id, guide_id, plan_version_id, rule_no, store_id, day,
             coalesce(owed.rate_bp, posted.rate_bp) AS rate_bp, coalesce(owed.net_fen, 0) AS net_fen,
             posted.sequence, coalesce(owed.fen, 0) - coalesce(posted.fen, 0) AS fen
      FROM owed FULL JOIN posted USING (order_line_id, guide_id, plan_version_id, rule_no, store_id, day)
    ), numbered AS (
      SELECT difference.*,
             coalesce(max(sequence) OVER entry, 0) + row_number() OVER (entry ORDER BY fen = 0, fen) AS next
      FROM difference WINDOW entry AS (PARTITION BY order_line_id, guide_id, plan_version_id, rule_no)
    ), seen AS (
      -- Approving a plan version sets back what was worked on; what was posted tells whether it was after classifying.
      SELECT e.order_line_id, max(t.order_revision) AS revision
      FROM line JOIN ledger_entry e USING (order_line_id) JOIN ledger_transaction t ON t.id = e.transaction_id
      WHERE line.classified_revision IS NOT NULL
      GROUP BY e.order_line_id
    ), due AS MATERIALIZED (
      SELECT numbered.*, line.order_id, line.revision, line.currency, line.decision_id,
             CASE WHEN line.classified_revision > greatest(line.worked_revision, seen.revision)
                  THEN 'late_classification' END AS reason
      FROM numbered JOIN line USING (order_line_id) LEFT JOIN seen USING (order_line_id)
      WHERE fen <> 0
    ), posting AS (
      INSERT INTO ledger_transaction (cause, cause_id, order_revision)
      SELECT DISTINCT 'order', order_id, revision FROM due
      RETURNING id, order_id
    )
    INSERT INTO ledger_entry
      (transaction_id, debit_account_id, credit_account_id, amount_fen, signed_fen, currency, order_line_id, guide_id,
       store_id, plan_version_id, rule_no, net_fen, rate_bp, sequence, business_day, reason, decision_id)
    SELECT posting.id, CASE WHEN fen > 0 THEN expense.id ELSE payable.id END,
           CASE WHEN fen > 0 THEN payable.id ELSE expense.id END, abs(fen), fen, due.currency, order_line_id, guide_id,
           due.store_id, plan_version_id, rule_no, net_fen, rate_bp, next, day, reason, decision_id
    FROM due JOIN posting ON posting.order_id = due.order_id
    -- Left joins: an account that is missing must fail the entry, not drop it.
    LEFT JOIN ledger_account expense ON (expense.kind, expense.currency) = ('commission_expense', due.currency)
    LEFT JOIN ledger_account payable
      ON (payable.kind, payable.staff_id, payable.currency) = ('guide_payable', due.guide_id, due.currency)
    -- As lists show them: what was taken back before what is given instead.
    ORDER BY due.order_id, order_line_id, fen, guide_id
""")

REMEMBER = text("""
    INSERT INTO order_posting AS held (order_id, revision)
    SELECT id, revision FROM sales_order WHERE id = ANY (CAST(:order_ids AS uuid[]))
    ON CONFLICT (order_id) DO UPDATE SET revision = excluded.revision WHERE held.revision <> excluded.revision
""")


def post_orders(order_ids: Sequence[UUID]) -> int:
    """Post the difference between owed and posted for every line of these orders; how many entries that took.

    The orders stay locked until the unit of work ends, so that nobody else posts or changes them meanwhile.
    """
    if not order_ids:
        return 0
    locks.share(queries.VERSIONS_LOCK)
    parameters = {"order_ids": queries.lock_orders(order_ids)}
    db.session.execute(ENSURE_ACCOUNTS, parameters)
    entries = db.session.execute(POST, parameters)
    db.session.execute(REMEMBER, parameters)
    return int(entries.rowcount)  # type: ignore[attr-defined]


def post_recent_orders(*, since: datetime, limit: int) -> int:
    """Post up to `limit` orders changed after `since` and not posted since; how many orders that were.

    Orders that another worker holds are left to it. One that cannot be posted is logged and stays owed.
    """
    return _post(queries.take_owed_orders(since=since, limit=limit))


def post_day(day: date) -> int:
    """Post every order of a business day that is owed a posting; how many orders that were.

    One that cannot be posted is logged and stays owed.
    """
    return _post(queries.list_owed_orders(day))


def _post(order_ids: Sequence[UUID]) -> int:
    failed = list(settle_apart(post_orders, order_ids, kind="posting of order"))
    if failed:
        owing = insert(OrderPosting).values([{"order_id": order_id, "revision": 0} for order_id in failed])
        db.session.execute(owing.on_conflict_do_update(index_elements=["order_id"], set_={"revision": 0}))
    return len(order_ids) - len(failed)


def find_days_owed(*, now: datetime) -> list[date]:
    """The business days that have orders owed a posting, however old.

    Looks at the orders that changed since everything before was settled, and at those that are owed again.
    """
    changed = queries.list_changed_days(since=queries.settled_until())
    owed = {found.day: found.owed_since for found in changed if found.owed_since is not None}
    if changed:
        until = min(owed.values(), default=now)
        settling = insert(PostingSettled).values(id="orders", until=until)
        db.session.execute(settling.on_conflict_do_update(index_elements=["id"], set_={"until": until}))
    return sorted({*owed, *queries.list_days_owed_again()})
