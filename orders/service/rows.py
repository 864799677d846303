"""Rows of the orders room, written by the thousand: each batch is one parameter of one statement."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import text

from kit.db import db
from orders.incoming import Coupon, Tender


class OrderRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `sales_order`, as far as its source decides."""

    id: UUID
    source_id: UUID
    receipt_kind: str
    external_id: str
    source_version: int
    content_digest: int
    store_id: UUID
    customer_id: UUID | None
    channel: str
    share_token: str | None
    ordered_at: datetime
    business_day: date
    currency: str
    net_fen: int
    exchange_external_id: str | None
    changed_at: datetime
    tenders: list[Tender] | None = None
    coupons: list[Coupon] | None = None
    staff_purchase: bool = False
    foreign_currency: str | None = None
    rate_given: int | None = None
    rate_worth: int | None = None


class LineRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `order_line`, as far as its source decides."""

    id: UUID
    order_id: UUID
    line_no: int
    external_line_id: str | None
    kind: str
    sku_code: str
    told_code: str | None
    sku_id: UUID | None
    product_title: str
    brand_id: UUID | None
    category_id: UUID | None
    quantity: int
    discount_fen: int
    tax_fen: int
    paid_fen: int
    net_fen: int
    tag_fen: int | None = None
    cost_fen: int | None = None
    coupons: list[Coupon] | None = None
    weight_milli: int | None = None
    serving_guide_ids: list[UUID]
    serving_shares_bp: list[int]


class StatedRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `refund_line`, by its order and line number."""

    order_id: UUID
    line_no: int
    original_external_id: str | None
    original_line_no: int | None
    sku_code: str | None
    quantity: int
    amount_fen: int | None
    tax_fen: int | None


class RefundRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `refund`."""

    order_id: UUID
    original_external_id: str | None
    whole: bool
    fee_fen: int
    cancelled: bool
    reason: str | None


class Taken(NamedTuple):
    """An order as it now stands in the database."""

    id: UUID
    created: bool


ORDER_TYPES = (
    "id uuid, source_id uuid, receipt_kind text, external_id text, source_version bigint, content_digest bigint,"
    " store_id uuid, customer_id uuid, channel text, share_token text, ordered_at timestamptz,"
    " business_day date, currency text, net_fen bigint, exchange_external_id text, changed_at timestamptz,"
    " tenders jsonb, coupons jsonb, staff_purchase boolean, foreign_currency text, rate_given bigint, rate_worth bigint"
)
LINE_TYPES = (
    "id uuid, order_id uuid, line_no bigint, external_line_id text, kind text, sku_code text, told_code text,"
    " sku_id uuid, product_title text, brand_id uuid, category_id uuid, quantity int, discount_fen bigint,"
    " tax_fen bigint, paid_fen bigint, net_fen bigint, tag_fen bigint, cost_fen bigint, coupons jsonb,"
    " weight_milli bigint, serving_guide_ids uuid[], serving_shares_bp bigint[]"
)

UPSERT_ORDERS = text(f"""
    INSERT INTO sales_order AS held
      (id, source_id, receipt_kind, external_id, source_version, content_digest, store_id, customer_id, channel,
       share_token, ordered_at, business_day, currency, net_fen, exchange_external_id, changed_at, tenders,
       coupons, staff_purchase, foreign_currency, rate_given, rate_worth, net_sales_fen)
    SELECT *, net_fen FROM json_to_recordset(CAST(:rows AS json)) AS row ({ORDER_TYPES})
    ON CONFLICT (source_id, receipt_kind, external_id) DO UPDATE SET
      source_version = excluded.source_version, content_digest = excluded.content_digest,
      store_id = excluded.store_id, customer_id = excluded.customer_id, channel = excluded.channel,
      share_token = excluded.share_token, ordered_at = excluded.ordered_at,
      business_day = excluded.business_day, currency = excluded.currency, net_fen = excluded.net_fen,
      net_sales_fen = excluded.net_sales_fen, exchange_external_id = excluded.exchange_external_id,
      changed_at = excluded.changed_at, tenders = excluded.tenders, coupons = excluded.coupons,
      staff_purchase = excluded.staff_purchase, foreign_currency = excluded.foreign_currency,
      rate_given = excluded.rate_given, rate_worth = excluded.rate_worth, revision = held.revision + 1
    WHERE held.source_version < excluded.source_version
    RETURNING id, external_id, revision = 1 AS created
""")  # noqa: S608 - the types are constants above

# A line keeps what was true when it was sold, unless it now names another SKU.
SAME = "coalesce(held.told_code, held.sku_code) = coalesce(excluded.told_code, excluded.sku_code)"
KEPT = ", ".join(
    f"{column} = CASE WHEN {SAME} AND held.sku_id IS NOT NULL THEN held.{column} ELSE excluded.{column} END"
    for column in ("sku_code", "told_code", "sku_id", "brand_id", "category_id")
)
ORDER_REVISION = "(SELECT revision FROM sales_order WHERE sales_order.id = excluded.order_id)"
CLASSIFIED = (
    f"CASE WHEN NOT ({SAME}) THEN excluded.classified_revision"
    f" WHEN held.sku_id IS NULL AND excluded.sku_id IS NOT NULL THEN {ORDER_REVISION}"
    " ELSE held.classified_revision END"
)
UPSERT_LINES = text(f"""
    INSERT INTO order_line AS held
      (id, order_id, line_no, external_line_id, kind, sku_code, told_code, sku_id, product_title, brand_id,
       category_id, classified_revision, quantity, discount_fen, tax_fen, paid_fen, net_fen, net_sales_fen, tag_fen,
       cost_fen, coupons, weight_milli, serving_guide_ids, serving_shares_bp)
    SELECT id, order_id, line_no, external_line_id, kind, sku_code, told_code, sku_id, product_title, brand_id,
       category_id, CASE WHEN ARRAY[brand_id, category_id] && CAST(:unsorted AS uuid[]) THEN 0 END, quantity,
       discount_fen, tax_fen, paid_fen, net_fen, net_fen, tag_fen, cost_fen, coupons, weight_milli,
       serving_guide_ids, serving_shares_bp
    FROM json_to_recordset(CAST(:rows AS json)) AS row ({LINE_TYPES})
    ON CONFLICT (order_id, line_no) DO UPDATE SET
      product_title = excluded.product_title, quantity = excluded.quantity,
      discount_fen = excluded.discount_fen, tax_fen = excluded.tax_fen, paid_fen = excluded.paid_fen,
      net_fen = excluded.net_fen, external_line_id = excluded.external_line_id, kind = excluded.kind,
      tag_fen = excluded.tag_fen, cost_fen = excluded.cost_fen, coupons = excluded.coupons,
      weight_milli = excluded.weight_milli,
      net_sales_fen = excluded.net_sales_fen, original_line_id = NULL, kept_fen = NULL,
      serving_guide_ids = excluded.serving_guide_ids, serving_shares_bp = excluded.serving_shares_bp,
      {KEPT},
      classified_revision = {CLASSIFIED}
""")  # noqa: S608 - the types are constants above

ZERO_MISSING_LINES = text("""
    UPDATE order_line l
    SET quantity = 0, discount_fen = 0, tax_fen = 0, paid_fen = 0, net_fen = 0, net_sales_fen = 0,
        original_line_id = NULL, kept_fen = NULL, tag_fen = NULL, cost_fen = NULL, coupons = NULL, weight_milli = NULL
    FROM json_to_recordset(CAST(:orders AS json)) AS kept (order_id uuid, line_nos bigint[])
    WHERE l.order_id = kept.order_id AND l.line_no <> ALL (kept.line_nos)
      AND (l.quantity, l.paid_fen, l.net_sales_fen) <> (0, 0, 0)
""")

FORGET_STATED_LINES = text("""
    DELETE FROM refund_line s USING order_line l
    WHERE s.line_id = l.id AND l.order_id = ANY (CAST(:order_ids AS uuid[]))
""")
WRITE_STATED_LINES = text("""
    INSERT INTO refund_line
      (line_id, original_external_id, original_line_no, sku_code, quantity, amount_fen, tax_fen)
    SELECT l.id, r.original_external_id, r.original_line_no, r.sku_code, r.quantity, r.amount_fen, r.tax_fen
    FROM json_to_recordset(CAST(:rows AS json)) AS r (order_id uuid, line_no bigint, original_external_id text,
      original_line_no bigint, sku_code text, quantity int, amount_fen bigint, tax_fen bigint)
    JOIN order_line l USING (order_id, line_no)
""")

UPSERT_REFUNDS = text("""
    INSERT INTO refund (order_id, original_external_id, whole, fee_fen, cancelled, reason)
    SELECT * FROM json_to_recordset(CAST(:rows AS json)) AS row (order_id uuid, original_external_id text,
      whole boolean, fee_fen bigint, cancelled boolean, reason text)
    ON CONFLICT (order_id) DO UPDATE SET
      original_external_id = excluded.original_external_id, whole = excluded.whole, fee_fen = excluded.fee_fen,
      cancelled = excluded.cancelled, reason = excluded.reason
""")


def upsert_orders(orders: Sequence[OrderRow]) -> dict[str, Taken]:
    """Write the orders that are newer than what is held; those, by external id. They stay locked until commit."""
    written = db.session.execute(UPSERT_ORDERS, {"rows": _json(orders)})
    return {row.external_id: Taken(row.id, row.created) for row in written}


def upsert_lines(lines: Sequence[LineRow], *, unsorted: Collection[UUID]) -> None:
    """Write lines as they are sent; who gets credit for them is decided afterwards (orders/service/deciding.py).

    Lines of an `unsorted` brand or category follow their product once it has another.
    """
    db.session.execute(UPSERT_LINES, {"rows": _json(lines), "unsorted": list(unsorted)})


def zero_missing_lines(kept: Mapping[UUID, Collection[int]]) -> None:
    """Set to nothing the lines of each order whose numbers are not among those given."""
    orders = [{"order_id": order_id, "line_nos": line_nos} for order_id, line_nos in kept.items()]
    db.session.execute(ZERO_MISSING_LINES, {"orders": _json(orders)})


def write_stated_lines(stated: Sequence[StatedRow], *, changed: Sequence[UUID]) -> None:
    """Write what lines say of the sales that they take back, instead of what those of `changed` orders said before."""
    if changed:
        db.session.execute(FORGET_STATED_LINES, {"order_ids": changed})
    if stated:
        db.session.execute(WRITE_STATED_LINES, {"rows": _json(stated)})


def write_refunds(refunds: Sequence[RefundRow]) -> None:
    """Write what refunds say beside their lines."""
    db.session.execute(UPSERT_REFUNDS, {"rows": _json(refunds)})


def _json(rows: Sequence[Any]) -> str:
    return msgspec.json.encode(rows).decode()
