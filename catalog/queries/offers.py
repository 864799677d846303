"""What a product costs, and whether it may be sold, in one store: SQL that several queries share.

`offer` is the product's SKU to show: one that the store may sell before one that it may not, then the cheapest. A
store's own word comes before the source's; without a store, only the source's counts.
"""

SKU_AVAILABLE = "coalesce(a.sellable AND coalesce(a.stock > 0, true), k.in_stock)"
SKU_PRICE = "coalesce(a.price_fen, k.price_fen)"

OFFER = f"""
LEFT JOIN LATERAL (
  SELECT k.code, k.currency, {SKU_PRICE} AS price_fen, {SKU_AVAILABLE} AS available,
         CASE WHEN k.list_price_fen > {SKU_PRICE} THEN k.list_price_fen END AS list_price_fen
  FROM sku k LEFT JOIN store_availability a ON a.sku_id = k.id AND a.store_id = :store_id
  WHERE k.product_id = p.id AND k.listed
  ORDER BY available DESC, price_fen, k.code
  LIMIT 1
) offer ON true"""  # noqa: S608 - built from constants

SELLABLE = "(p.shelf_status = 'on_shelf' AND coalesce(offer.available, false))"

CARD_COLUMNS = f"""
  p.id, p.title, b.name AS brand, c.path AS category, p.shelf_status, p.shelf_reason, p.doubtful,
  {SELLABLE} AS sellable,
  CASE WHEN p.shelf_status <> 'on_shelf' THEN 'brand'
       WHEN NOT coalesce(offer.available, false) THEN 'store' END AS blocked_by,
  offer.price_fen, offer.list_price_fen, offer.currency, image.storage_key AS image_key"""

CARD_JOINS = f"""
JOIN brand b ON b.id = p.brand_id
JOIN category c ON c.id = p.category_id
{OFFER}
LEFT JOIN LATERAL (
  SELECT storage_key FROM product_image i WHERE i.product_id = p.id ORDER BY i.position LIMIT 1
) image ON true"""  # noqa: S608 - built from constants


def standing(source: str, product: str) -> str:
    """SQL for what a listing is ordered by, the deciding one first: of the aliases of a source and its product."""
    return f"""(({source}.retired_at IS NOT NULL OR {product}.unlinked_at IS NOT NULL), {source}.rank,
               {source}.id)"""
