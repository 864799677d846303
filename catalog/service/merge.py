"""Merging what a source said into the catalog: every way in ends here.

`incoming` holds what came, one row per item; `merge_incoming` decides what becomes of each and writes what differs.
Rows are locked in one order (source, brands, categories, products by id, SKUs by code), so that two merges, or a
merge and a forward, never wait for each other in a circle.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import text

from kit.db import db
from kit.errors import Unavailable
from models import Source

PREPARE = """
CREATE TEMPORARY TABLE IF NOT EXISTS incoming (
  item_no int, external_id text, version bigint, digest bigint, payload text
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS judged (
  item_no int, external_id text, version bigint, digest bigint, product_id uuid, outcome text, code text,
  bump boolean, known_title text, content jsonb
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS incoming_sku (
  item_no int, product_id uuid, code text, barcode text, price bigint, list_price bigint, in_stock boolean,
  sku_id uuid, owner_id uuid, was_listed boolean, differs boolean
) ON COMMIT DELETE ROWS;
DELETE FROM incoming; DELETE FROM judged; DELETE FROM incoming_sku
"""
# Plans are made for what is there now, and for rows that are looked up by their key: one kept from when the catalog was
# small, or made as if each look-up moved a disk's arm, reads a million rows for a thousand. `LIMIT 1` below does the
# same where statistics may never have heard of a source.
BY_KEY = """
SET LOCAL plan_cache_mode = force_custom_plan; SET LOCAL random_page_cost = 0; SET LOCAL work_mem = '32MB'
"""

# Merges of one source take turns, so that each sees what the last one left.
LOCK_SOURCE = "SELECT pg_advisory_xact_lock(hashtextextended('catalog.source ' || CAST(:source_id AS text), 0))"

JUDGE = """
INSERT INTO judged
SELECT item_no, external_id, version, digest, coalesce(product_id, uuid7()), outcome,
       CASE outcome WHEN 'rejected' THEN 'version_reused' END, bump, known_title,
       CASE WHEN outcome IN ('created', 'updated') THEN payload::jsonb END
FROM (
  SELECT i.*, p.id AS product_id, p.title AS known_title, :remember AND i.version > p.source_version AS bump,
    CASE WHEN i.rank > 1 OR i.version < s.snapshot_version THEN 'stale'
         WHEN p.id IS NULL THEN 'created'
         WHEN i.version < p.source_version THEN 'stale'
         WHEN i.digest = p.content_digest THEN 'unchanged'
         WHEN i.version > p.source_version THEN 'updated'
         WHEN p.content_digest IS NOT NULL THEN 'rejected'
         WHEN :revive THEN 'updated'
         ELSE 'stale' END AS outcome
  FROM source s
  CROSS JOIN (
    SELECT *, row_number() OVER (PARTITION BY external_id COLLATE "C" ORDER BY version DESC, item_no) AS rank
    FROM incoming
  ) i
  LEFT JOIN LATERAL (
    SELECT id, source_version, content_digest, title FROM product
    WHERE source_id = s.id AND external_id = i.external_id LIMIT 1
  ) p ON true
  WHERE s.id = :source_id
) found
"""

# What the product has now stands beside what came: a row without `code` is of a SKU that is no longer named.
EXPAND_SKUS = """
INSERT INTO incoming_sku
SELECT j.item_no, j.product_id, s.code, s.barcode, s.price, s.list_price, s.in_stock, s.id, j.product_id, s.listed,
  (s.known_barcode, s.price_fen, s.list_price_fen, s.currency, s.known_in_stock, s.listed)
  IS DISTINCT FROM (s.barcode, s.price, s.list_price, :currency, s.in_stock, true)
FROM judged j
CROSS JOIN LATERAL (
  SELECT s.*, k.id, k.barcode AS known_barcode, k.price_fen, k.list_price_fen, k.currency,
         k.in_stock AS known_in_stock, k.listed
  FROM jsonb_to_recordset(j.content -> 'skus')
    AS s (code text, barcode text, price bigint, list_price bigint, in_stock boolean)
  FULL JOIN (SELECT * FROM sku WHERE product_id = j.product_id) k ON k.code = s.code
) s
WHERE j.content IS NOT NULL AND (s.code IS NOT NULL OR s.listed)
"""
FIND_OTHERS = """
UPDATE incoming_sku s SET sku_id = k.id, owner_id = k.product_id, was_listed = k.listed
FROM sku k WHERE s.sku_id IS NULL AND k.code = s.code
"""
# A code that another product dropped is free; one that it still names, or that an earlier item claims, is not.
FIND_TAKEN = """
SELECT DISTINCT item_no FROM (
  SELECT item_no, was_listed, row_number() OVER (PARTITION BY code COLLATE "C" ORDER BY item_no) AS claim
  FROM incoming_sku
  WHERE code IS NOT NULL AND (was_listed IS NOT TRUE OR owner_id <> product_id)
) s
WHERE was_listed OR claim > 1
"""
REJECT_TAKEN = """
UPDATE judged SET outcome = 'rejected', code = 'sku_taken', content = NULL WHERE item_no = ANY(:item_nos)
"""
DROP_TAKEN = "DELETE FROM incoming_sku WHERE item_no = ANY(:item_nos)"

ADD_BRANDS = """
INSERT INTO brand (name)
SELECT name FROM (SELECT DISTINCT content ->> 'brand' AS name FROM judged WHERE content IS NOT NULL) named
WHERE NOT EXISTS (SELECT FROM brand b WHERE b.name = named.name)
ORDER BY name ON CONFLICT DO NOTHING
"""
ADD_CATEGORIES = """
INSERT INTO category (path)
SELECT path FROM (SELECT DISTINCT content ->> 'category' AS path FROM judged WHERE content IS NOT NULL) named
WHERE NOT EXISTS (SELECT FROM category c WHERE c.path = named.path)
ORDER BY path ON CONFLICT DO NOTHING
"""
LOCK_PRODUCTS = """
SELECT count(*) FROM (
  SELECT p.id FROM product p JOIN judged j ON j.product_id = p.id
  WHERE j.outcome = 'updated' OR (j.outcome = 'unchanged' AND j.bump)
  ORDER BY p.id FOR NO KEY UPDATE OF p
) locked
"""
ADD_PRODUCTS = """
INSERT INTO product (id, source_id, external_id, source_version, content_digest, title, brand_id, category_id,
                     shelf_status, shelf_reason, shelf_changed_at, updated_at)
SELECT j.product_id, :source_id, j.external_id, j.version, j.digest, j.content ->> 'title', b.id, c.id,
       j.content ->> 'shelf_status', j.content ->> 'reason', :now, :now
FROM judged j JOIN brand b ON b.name = j.content ->> 'brand' JOIN category c ON c.path = j.content ->> 'category'
WHERE j.outcome = 'created' ORDER BY j.external_id
"""
CHANGE_PRODUCTS = """
UPDATE product p
SET source_version = j.version, content_digest = j.digest, brand_id = b.id, category_id = c.id,
    shelf_status = j.content ->> 'shelf_status', shelf_reason = j.content ->> 'reason',
    shelf_changed_at = CASE WHEN p.shelf_status = j.content ->> 'shelf_status' THEN p.shelf_changed_at ELSE :now END,
    updated_at = :now
FROM judged j JOIN brand b ON b.name = j.content ->> 'brand' JOIN category c ON c.path = j.content ->> 'category'
WHERE p.id = j.product_id AND j.outcome = 'updated'
"""
# By itself, and seldom: what is searched is made anew of every title that is set.
CHANGE_TITLES = """
UPDATE product p SET title = j.content ->> 'title'
FROM judged j
WHERE p.id = j.product_id AND j.outcome = 'updated' AND j.known_title <> j.content ->> 'title'
"""
# The same content under a higher version: remembered, or an older change that arrives late would win.
RAISE_VERSIONS = """
UPDATE product p SET source_version = j.version, updated_at = :now
FROM judged j WHERE p.id = j.product_id AND j.outcome = 'unchanged' AND j.bump
"""
ADD_SKUS = """
INSERT INTO sku (product_id, code, barcode, price_fen, list_price_fen, currency, in_stock)
SELECT product_id, code, barcode, price, list_price, :currency, in_stock FROM incoming_sku
WHERE sku_id IS NULL ORDER BY code ON CONFLICT (code) DO NOTHING
"""
CHANGE_SKUS = """
UPDATE sku k
SET product_id = s.product_id, barcode = s.barcode, price_fen = s.price, list_price_fen = s.list_price,
    currency = :currency, in_stock = s.in_stock, listed = true
FROM incoming_sku s
WHERE k.id = s.sku_id AND s.code IS NOT NULL AND s.differs AND (k.product_id = s.product_id OR NOT k.listed)
"""
DROP_SKUS = """
UPDATE sku k SET listed = false FROM incoming_sku s WHERE k.id = s.sku_id AND s.code IS NULL
"""
# What is named by its product is nobody else's to take; a code that is new or was dropped may have been claimed since.
COUNT_LOST = """
SELECT count(*) FROM incoming_sku s JOIN sku k ON k.code = s.code
WHERE s.was_listed IS NOT TRUE AND k.product_id <> s.product_id
"""
# A picture that is no longer named goes; one under another address is fetched anew.
DROP_IMAGES = """
WITH dropped AS (
  DELETE FROM image_link l USING judged j
  WHERE l.product_id = j.product_id AND j.outcome = 'updated'
    AND l.position >= jsonb_array_length(j.content -> 'image_urls')
  RETURNING l.product_id, l.position
)
DELETE FROM product_image i USING dropped d WHERE i.product_id = d.product_id AND i.position = d.position
"""
LINK_IMAGES = """
INSERT INTO image_link (product_id, position, url, due_at)
SELECT j.product_id, named.position - 1, named.url, :now
FROM judged j
CROSS JOIN LATERAL jsonb_array_elements_text(j.content -> 'image_urls') WITH ORDINALITY AS named (url, position)
WHERE j.content -> 'image_urls' <> '[]'
ON CONFLICT (product_id, position) DO UPDATE
SET url = excluded.url, due_at = excluded.due_at, attempts = 0, problem = NULL WHERE image_link.url <> excluded.url
"""
WRITES = (
    *(ADD_BRANDS, ADD_CATEGORIES),
    *(LOCK_PRODUCTS, ADD_PRODUCTS, CHANGE_PRODUCTS, CHANGE_TITLES, RAISE_VERSIONS),
    *(DROP_SKUS, ADD_SKUS, CHANGE_SKUS),
    *(DROP_IMAGES, LINK_IMAGES),
)
OUTCOMES = text("SELECT item_no, outcome, code FROM judged")


class SkuRace(Unavailable):
    """Two sources claimed one new SKU code in the same instant; nothing was written, and trying again decides."""

    code = "sku_race"
    title = "Another source took a SKU code in the same instant"


def prepare() -> None:
    """Make the session's working tables, and empty them."""
    db.session.execute(text(PREPARE))


def copy_rows(table: str, columns: dict[str, str], rows: Iterable[tuple[Any, ...]]) -> None:
    """Write the rows by a binary COPY of this transaction; `columns` names each with its type.

    Parameters would cost ten times as much, and text half as much again.
    """
    connection = db.session.connection().connection.driver_connection
    assert connection is not None
    statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT binary)"
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.set_types(list(columns.values()))
        for row in rows:
            copy.write_row(row)


def merge_incoming(*, source: Source, now: datetime, revive: bool = False, remember: bool = True) -> None:
    """Judge every row of `incoming` and write what differs; `OUTCOMES` then tells what became of each.

    With `revive`, a product that a snapshot took down comes back under the version it had. Without `remember`,
    unchanged products keep their version, and nothing at all is written for them.
    """
    parameters = {
        "source_id": source.id,
        "currency": source.currency,
        "now": now,
        "revive": revive,
        "remember": remember,
    }
    for statement in (LOCK_SOURCE, BY_KEY, JUDGE):
        _run(statement, parameters)
    if _run(EXPAND_SKUS, parameters):
        _write(parameters)
    else:
        # Nothing but versions can have changed: every product has a SKU.
        for statement in (LOCK_PRODUCTS, RAISE_VERSIONS):
            _run(statement, parameters)


def _write(parameters: dict[str, object]) -> None:
    _run(FIND_OTHERS, parameters)
    if taken := db.session.scalars(text(FIND_TAKEN)).all():
        for statement in (REJECT_TAKEN, DROP_TAKEN):
            _run(statement, {"item_nos": taken})
    for statement in WRITES:
        _run(statement, parameters)
    if db.session.scalar(text(COUNT_LOST)):
        raise SkuRace


def _run(statement: str, parameters: dict[str, object]) -> int:
    result = db.session.execute(text(statement), parameters)
    return int(result.rowcount)  # type: ignore[attr-defined]
