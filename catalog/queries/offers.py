"""What a product costs, and whether it may be sold, in one store: SQL that several queries share.

`offer` is the product's SKU to show: one that the store may sell before one that it may not, then the cheapest. A
store's own word comes before the source's; without a store, only the source's counts.
"""

SKU_AVAILABLE = "coalesce(a.sellable AND coalesce(a.stock > 0, true), k.in_stock)"
SKU_PRICE = "coalesce(a.price_fen, k.price_fen)"

# What is known of how many the store has; where no store is asked for, the source's word.
STOCK = """CASE WHEN a.stock > 0 THEN 'in_stock'
              WHEN a.stock = 0 OR (a.sellable IS NULL AND NOT k.in_stock) THEN 'out_of_stock'
              WHEN CAST(:store_id AS uuid) IS NULL THEN 'in_stock'
              ELSE 'unknown' END"""

SELLABLE = "(p.shelf_status = 'on_shelf' AND coalesce(offer.available, false))"

CARD_COLUMNS = f"""
  p.id, p.title, b.name AS brand, c.path AS category, p.shelf_status, p.shelf_reason, p.doubtful,
  {SELLABLE} AS sellable,
  CASE WHEN p.shadowed THEN 'other_source'
       WHEN p.shelf_status <> 'on_shelf' OR offer.code IS NULL THEN 'brand'
       WHEN NOT coalesce(offer.available, false) THEN 'store' END AS blocked_by,
  offer.price_fen, offer.list_price_fen, offer.currency, image.storage_key AS image_key"""

# Of the SKU that is shown, for lists.
ROW_COLUMNS = "offer.code, offer.barcode, coalesce(offer.stock, 'out_of_stock') AS stock"


def card_joins(*, first: str | None = None) -> str:
    """What CARD_COLUMNS are of, for products `p`; a SKU `k` for which `first` holds is shown before all others."""
    return f"""
JOIN brand b ON b.id = p.brand_id
JOIN category c ON c.id = p.category_id
LEFT JOIN LATERAL (
  SELECT k.code, k.barcode, k.currency, {SKU_PRICE} AS price_fen, {SKU_AVAILABLE} AS available, {STOCK} AS stock,
         CASE WHEN k.list_price_fen > {SKU_PRICE} THEN k.list_price_fen END AS list_price_fen
  FROM sku k LEFT JOIN store_availability a ON a.sku_id = k.id AND a.store_id = :store_id
  WHERE k.product_id = p.id AND k.listed
  ORDER BY {f"{first} DESC, " if first else ""}available DESC, price_fen, k.code
  LIMIT 1
) offer ON true
LEFT JOIN LATERAL (
  SELECT storage_key FROM product_image i WHERE i.product_id = p.id ORDER BY i.position LIMIT 1
) image ON true"""  # noqa: S608 - built from constants


CARD_JOINS = card_joins()


def standing(source: str, product: str) -> str:
    """SQL for what a listing is ordered by, the deciding one first: of the aliases of a source and its product."""
    return f"""(({source}.retired_at IS NOT NULL OR {product}.unlinked_at IS NOT NULL), {source}.rank,
               {source}.id)"""
