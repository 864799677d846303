"""What refunds came to, written by the thousand: their lines, what is left of sales, and whose credit it lessens."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import text

from kit.db import db
from kit.ids import new_id
from orders.rules.returns import Settled

# A line without an original keeps its own facts; one that takes back a sale has those of the sale's line.
FACTS = (
    "sku_code", "sku_id", "product_title", "brand_id", "category_id", "classified_revision", "serving_guide_ids",
    "serving_shares_bp",
)  # fmt: skip
TAKEN_OVER = ", ".join(
    f"{fact} = CASE WHEN excluded.original_line_id IS NULL THEN held.{fact} ELSE excluded.{fact} END" for fact in FACTS
)
WRITE_RETURNED = text(f"""
    INSERT INTO order_line AS held
      (id, order_id, line_no, sku_code, sku_id, product_title, brand_id, category_id, classified_revision, quantity,
       discount_fen, tax_fen, net_fen, net_sales_fen, original_line_id, kept_fen, serving_guide_ids, serving_shares_bp)
    SELECT r.id, r.receipt_id, r.line_no, coalesce(o.sku_code, ''), o.sku_id, coalesce(o.product_title, ''), o.brand_id,
           o.category_id, o.classified_revision, -r.quantity, 0, -r.tax_fen, -r.net_fen,
           CASE WHEN o.id IS NULL THEN -r.net_fen ELSE 0 END, o.id, r.kept_fen, coalesce(o.serving_guide_ids, '{{}}'),
           coalesce(o.serving_shares_bp, '{{}}')
    FROM json_to_recordset(CAST(:returned AS json)) AS r (id uuid, receipt_id uuid, line_no int, original_line_id uuid,
      quantity int, net_fen bigint, tax_fen bigint, kept_fen bigint)
    LEFT JOIN order_line o ON o.id = r.original_line_id
    ORDER BY r.receipt_id, r.line_no
    ON CONFLICT (order_id, line_no) DO UPDATE SET
      quantity = excluded.quantity, tax_fen = excluded.tax_fen, net_fen = excluded.net_fen,
      net_sales_fen = excluded.net_sales_fen, original_line_id = excluded.original_line_id,
      kept_fen = excluded.kept_fen,
      {TAKEN_OVER}
    WHERE (held.quantity, held.tax_fen, held.net_fen, held.net_sales_fen, held.original_line_id, held.kept_fen)
        IS DISTINCT FROM (excluded.quantity, excluded.tax_fen, excluded.net_fen, excluded.net_sales_fen,
                          excluded.original_line_id, excluded.kept_fen)
       OR excluded.original_line_id IS NOT NULL
        AND ({", ".join(f"held.{fact}" for fact in FACTS)})
          IS DISTINCT FROM ({", ".join(f"excluded.{fact}" for fact in FACTS)})
    RETURNING order_id
""")  # noqa: S608 - built from constants
# What takes back a sale lessens the credit of who has it for the sale.
CREDIT_RETURNED = text("""
    INSERT INTO attribution AS held (line_id, guide_id, reason, policy_version, candidates, decided_at)
    SELECT l.id, a.guide_id, 'original', a.policy_version, '[]', :now
    FROM json_to_recordset(CAST(:returned AS json)) AS r (receipt_id uuid, line_no int)
    JOIN order_line l ON (l.order_id, l.line_no) = (r.receipt_id, r.line_no)
    JOIN attribution a ON a.line_id = l.original_line_id
    ON CONFLICT (line_id) DO UPDATE SET
      guide_id = excluded.guide_id, reason = excluded.reason, policy_version = excluded.policy_version,
      candidates = excluded.candidates, decided_at = excluded.decided_at
    WHERE (held.guide_id, held.reason, held.policy_version)
      IS DISTINCT FROM (excluded.guide_id, excluded.reason, excluded.policy_version)
    RETURNING (SELECT order_id FROM order_line WHERE id = line_id)
""")
DISOWN_UNKNOWN = text("""
    UPDATE attribution a SET guide_id = NULL, reason = 'original_unknown', decided_at = :now
    FROM json_to_recordset(CAST(:returned AS json)) AS r (receipt_id uuid, line_no int)
    JOIN order_line l ON (l.order_id, l.line_no) = (r.receipt_id, r.line_no)
    WHERE a.line_id = l.id AND l.original_line_id IS NULL AND a.reason = 'original'
    RETURNING l.order_id
""")
LEAVE = text("""
    UPDATE order_line l SET net_sales_fen = s.left_fen
    FROM json_to_recordset(CAST(:sold AS json)) AS s (line_id uuid, left_fen bigint)
    WHERE l.id = s.line_id AND l.net_sales_fen <> s.left_fen
    RETURNING l.order_id
""")
ADD_UP = text("""
    UPDATE sales_order o
    SET net_fen = sums.net_fen, net_sales_fen = sums.net_sales_fen, changed_at = :now,
        revision = o.revision + CASE WHEN o.id = ANY (CAST(:taken AS uuid[])) THEN 0 ELSE 1 END
    FROM (
      SELECT order_id, sum(net_fen)::bigint AS net_fen, sum(net_sales_fen)::bigint AS net_sales_fen
      FROM order_line WHERE order_id = ANY (CAST(:order_ids AS uuid[])) GROUP BY order_id
    ) sums
    WHERE o.id = sums.order_id
""")


def write_settled(settled: Sequence[Settled], *, taken: Collection[UUID], now: datetime) -> None:
    """Write what documents came to and what is left of their sales; what changed, but is not `taken`, is revised."""
    returned = [
        {**one._asdict(), "id": new_id()} for one in (returned for found in settled for returned in found.returned)
    ]
    sold = [{"line_id": line_id, "left_fen": left} for found in settled for line_id, left in found.left_fen.items()]
    given = {"returned": msgspec.json.encode(returned).decode(), "now": now}
    changed: set[UUID] = set()
    for statement in (WRITE_RETURNED, CREDIT_RETURNED, DISOWN_UNKNOWN) if returned else ():
        changed.update(db.session.scalars(statement, given))
    changed.update(db.session.scalars(LEAVE, {"sold": msgspec.json.encode(sold).decode()}))
    if changed:
        db.session.execute(ADD_UP, {"order_ids": list(changed), "taken": list(taken), "now": now})
