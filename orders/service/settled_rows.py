"""What refunds came to, written by the thousand: their lines, and what is left of sales."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import text

from kit.db import db
from kit.ids import new_id
from models.orders import SALES_KINDS
from orders.rules.returns import Settled

# A line without an original keeps its own facts; one that takes back a sale has those of the sale's line.
FACTS = (
    "kind", "sku_code", "told_code", "sku_id", "product_title", "brand_id", "category_id", "classified_revision",
    "serving_guide_ids", "serving_shares_bp",
)  # fmt: skip
TAKEN_OVER = ", ".join(
    f"{fact} = CASE WHEN excluded.original_line_id IS NULL THEN held.{fact} ELSE excluded.{fact} END" for fact in FACTS
)
AMOUNTS = ("quantity", "tax_fen", "paid_fen", "net_fen", "net_sales_fen", "original_line_id", "kept_fen")
COUNTS = f"IN {SALES_KINDS}"
WRITE_RETURNED = text(f"""
    INSERT INTO order_line AS held
      (id, order_id, line_no, external_line_id, kind, sku_code, told_code, sku_id, product_title, brand_id, category_id,
       classified_revision, quantity, discount_fen, tax_fen, paid_fen, net_fen, net_sales_fen, original_line_id,
       kept_fen, serving_guide_ids, serving_shares_bp)
    SELECT r.id, r.receipt_id, r.line_no, o.external_line_id, line.kind, coalesce(o.sku_code, ''), o.told_code,
           o.sku_id, coalesce(o.product_title, ''), o.brand_id, o.category_id, o.classified_revision, -r.quantity, 0,
           -r.tax_fen, -r.net_fen - r.tax_fen, line.net_fen, CASE WHEN o.id IS NULL THEN line.net_fen ELSE 0 END, o.id,
           CASE WHEN line.kind {COUNTS} THEN r.kept_fen WHEN o.id IS NOT NULL THEN 0 END,
           coalesce(o.serving_guide_ids, '{{}}'), coalesce(o.serving_shares_bp, '{{}}')
    FROM json_to_recordset(CAST(:returned AS json)) AS r (id uuid, receipt_id uuid, line_no bigint,
      original_line_id uuid, quantity int, net_fen bigint, tax_fen bigint, kept_fen bigint)
    LEFT JOIN order_line o ON o.id = r.original_line_id
    LEFT JOIN order_line mine ON (mine.order_id, mine.line_no) = (r.receipt_id, r.line_no)
    CROSS JOIN LATERAL (SELECT coalesce(o.kind, mine.kind, 'goods') AS kind) of
    CROSS JOIN LATERAL (SELECT of.kind, CASE WHEN of.kind {COUNTS} THEN -r.net_fen ELSE 0 END AS net_fen) line
    ORDER BY r.receipt_id, r.line_no
    ON CONFLICT (order_id, line_no) DO UPDATE SET
      {", ".join(f"{amount} = excluded.{amount}" for amount in AMOUNTS)},
      {TAKEN_OVER}
    WHERE ({", ".join(f"held.{amount}" for amount in AMOUNTS)})
        IS DISTINCT FROM ({", ".join(f"excluded.{amount}" for amount in AMOUNTS)})
       OR excluded.original_line_id IS NOT NULL
        AND ({", ".join(f"held.{fact}" for fact in FACTS)})
          IS DISTINCT FROM ({", ".join(f"excluded.{fact}" for fact in FACTS)})
    RETURNING order_id
""")  # noqa: S608 - built from constants
DOUBT = text("""
    UPDATE refund_line s SET doubt = r.doubt
    FROM json_to_recordset(CAST(:returned AS json)) AS r (receipt_id uuid, line_no bigint, doubt text)
    JOIN order_line l ON (l.order_id, l.line_no) = (r.receipt_id, r.line_no)
    WHERE s.line_id = l.id AND s.doubt IS DISTINCT FROM r.doubt
""")
LEAVE = text(f"""
    UPDATE order_line l SET net_sales_fen = s.left_fen
    FROM json_to_recordset(CAST(:sold AS json)) AS s (line_id uuid, left_fen bigint)
    WHERE l.id = s.line_id AND l.kind {COUNTS} AND l.net_sales_fen <> s.left_fen
    RETURNING l.order_id
""")  # noqa: S608 - built from constants
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


def write_settled(settled: Sequence[Settled], *, taken: Collection[UUID], now: datetime) -> set[UUID]:
    """Write what documents came to and what is left of their sales; what changed, but is not `taken`, is revised.

    Returns the orders and refunds that changed.
    """
    returned = [
        {**one._asdict(), "id": new_id()} for one in (returned for found in settled for returned in found.returned)
    ]
    sold = [{"line_id": line_id, "left_fen": left} for found in settled for line_id, left in found.left_fen.items()]
    given = {"returned": msgspec.json.encode(returned).decode()}
    changed: set[UUID] = set()
    if returned:
        changed.update(db.session.scalars(WRITE_RETURNED, given))
        db.session.execute(DOUBT, given)
    changed.update(db.session.scalars(LEAVE, {"sold": msgspec.json.encode(sold).decode()}))
    if changed:
        db.session.execute(ADD_UP, {"order_ids": list(changed), "taken": list(taken), "now": now})
    return changed
