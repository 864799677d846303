"""Merging what a source said into the catalog: every way in ends here.

`judged` tells what becomes of each item (catalog.service.judging), `incoming_sku` has the SKUs of those that are to be
written. Rows are locked in one order (source, brands, categories, products by id, SKUs by code), so that two merges,
or a merge and a forward, never wait for each other in a circle.
"""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import TextClause, text

from catalog import pinyin
from catalog.queries.offers import standing
from catalog.service import listings
from catalog.service.judging import Block, copy_rows, judge, lock_source
from catalog.service.listings import OWN_STANDING
from kit.db import execute_anew
from kit.errors import Unavailable
from models import Source

# Within one product, and only there, a hash is the quickest.
WITH_HASHES, WITHOUT_HASHES = (text(f"SET LOCAL enable_hashjoin = {value}") for value in ("on", "off"))
# What the product has now stands beside what came: a row without `code` is of a SKU that is no longer named.
EXPAND_SKUS = text("""
INSERT INTO incoming_sku
SELECT j.item_no, j.product_id, s.code, s.barcode, s.price, s.list_price, s.in_stock, s.variant_id, s.id, j.product_id,
  s.listed,
  (s.price_fen, s.list_price_fen, s.known_in_stock, s.listed, s.known_barcode, s.known_variant_id, s.currency)
  IS DISTINCT FROM (s.price, s.list_price, s.in_stock, true, s.barcode, s.variant_id, :currency), NULL, false, NULL
FROM judged j
CROSS JOIN LATERAL (
  SELECT s.*, k.id, k.barcode AS known_barcode, k.price_fen, k.list_price_fen, k.currency,
         k.in_stock AS known_in_stock, k.variant_id AS known_variant_id, k.listed
  FROM jsonb_to_recordset(j.content -> 'skus')
    AS s (code text, barcode text, price bigint, list_price bigint, in_stock boolean, variant_id text)
  FULL JOIN (SELECT * FROM sku WHERE product_id = j.product_id) k ON k.code = s.code
) s
WHERE j.content IS NOT NULL AND (s.code IS NOT NULL OR s.listed)
""")
FIND_OTHERS = text(f"""
UPDATE incoming_sku s
SET sku_id = k.id, owner_id = k.product_id, was_listed = k.listed,
    standing = CASE WHEN q.source_id = :source_id THEN NULL
                    WHEN {OWN_STANDING} < {standing("o", "q")} THEN 'above' ELSE 'below' END
FROM sku k JOIN product q ON q.id = k.product_id JOIN source o ON o.id = q.source_id
WHERE s.sku_id IS NULL AND k.code = s.code AND s.item_no > :after
""")  # noqa: S608 - built from constants
# What another source decides may be listed by another product of this source already.
FIND_HELD = text("""
UPDATE incoming_sku s SET held_id = l.product_id
FROM sku_listing l JOIN product q ON q.id = l.product_id
WHERE s.standing IS NOT NULL AND s.item_no > :after
  AND l.sku_id = s.sku_id AND l.product_id <> s.product_id AND l.listed AND q.source_id = :source_id
""")
# A code that another product of the source dropped, in this very batch or before, is free; one that it still names, or
# that an earlier item claims, is not. What another source names is listed by both.
FIND_TAKEN = text("""
SELECT DISTINCT item_no FROM (
  SELECT s.*, row_number() OVER (PARTITION BY code COLLATE "C" ORDER BY item_no) AS claim
  FROM incoming_sku s
  WHERE code IS NOT NULL AND (was_listed IS NOT TRUE OR owner_id <> product_id)
) s
WHERE item_no > :after
  AND (claim > 1 OR (was_listed AND standing IS NULL AND NOT released
                     AND NOT EXISTS (SELECT FROM incoming_sku d WHERE d.sku_id = s.sku_id AND d.code IS NULL))
       OR (held_id IS NOT NULL AND NOT released
           AND NOT EXISTS (SELECT FROM judged j WHERE j.product_id = s.held_id AND j.content IS NOT NULL
                           AND NOT j.content -> 'skus' @> jsonb_build_array(jsonb_build_object('code', s.code)))))
""")
# The rest of the file counts, too: whose item drops the code further on, or is not there in a snapshot, lets it go; an
# item that is rejected does not.
FIND_RELEASED = text("""
UPDATE incoming_sku s SET released = (
  NOT EXISTS (SELECT FROM sync_reject r WHERE r.run_id = :run_id AND r.external_id = q.external_id)
  AND NOT EXISTS (SELECT FROM judged j WHERE j.product_id = q.id AND j.outcome = 'rejected')
  AND CASE
    WHEN EXISTS (SELECT FROM sync_item i WHERE i.run_id = :run_id AND i.external_id = q.external_id)
    THEN NOT EXISTS (
      SELECT FROM sync_item i
      WHERE i.run_id = :run_id AND i.external_id = q.external_id
        AND (i.version < q.source_version
             OR i.payload -> 'skus' @> jsonb_build_array(jsonb_build_object('code', s.code)))
    )
    ELSE :revive AND q.updated_at <= (SELECT created_at FROM sync_run WHERE id = :run_id)
  END
)
FROM product q
WHERE q.id = coalesce(s.held_id, s.owner_id) AND q.id <> s.product_id
  AND (s.held_id IS NOT NULL OR (s.was_listed AND s.standing IS NULL))
""")
RELEASE = text("""
UPDATE sku k SET listed = false FROM incoming_sku s WHERE s.released AND s.standing IS NULL AND k.id = s.sku_id
""")
REJECT_TAKEN = text("""
UPDATE judged SET outcome = 'rejected', code = 'sku_taken', content = NULL WHERE item_no = ANY(:item_nos)
""")
DROP_TAKEN = text("DELETE FROM incoming_sku WHERE item_no = ANY(:item_nos)")

# What there is to do; no statement is sent in vain.
SURVEY = text("""
SELECT bool_or(content IS NOT NULL AND brand_id IS NULL) AS brands,
       bool_or(content IS NOT NULL AND category_id IS NULL) AS categories,
       bool_or(outcome = 'created') AS created,
       bool_or(outcome = 'updated') AS updated,
       bool_or(outcome = 'updated' OR (outcome = 'unchanged' AND bump)) AS touched,
       bool_or(outcome = 'updated' AND retitled) AS retitled,
       bool_or(outcome = 'unchanged' AND bump) AS bumped,
       bool_or(outcome = 'unchanged' AND doubt) AS doubted,
       bool_or(content ? 'tags') AS tagged,
       bool_or(content -> 'image_urls' <> '[]') AS pictured,
       k.*
FROM judged
CROSS JOIN (
  SELECT count(*) FILTER (WHERE sku_id IS NULL) AS skus_new,
         count(*) FILTER (
           WHERE sku_id IS NOT NULL AND code IS NOT NULL AND differs AND standing IS DISTINCT FROM 'below'
         ) AS skus_changed,
         count(*) FILTER (WHERE code IS NULL) AS skus_dropped,
         bool_or(released) AS released, bool_or(standing IS NOT NULL) AS contested,
         bool_or(owner_id <> product_id) AS moved
  FROM incoming_sku
) k
GROUP BY skus_new, skus_changed, skus_dropped, released, contested, moved
""")
ADD_BRANDS = text("""
INSERT INTO brand (name)
SELECT DISTINCT content ->> 'brand' AS name FROM judged WHERE content IS NOT NULL AND brand_id IS NULL
ORDER BY name ON CONFLICT DO NOTHING
""")
KNOW_BRANDS = text("""
UPDATE judged j SET brand_id = b.id FROM brand b
WHERE j.content IS NOT NULL AND j.brand_id IS NULL AND b.name = j.content ->> 'brand'
""")
ADD_CATEGORIES = text("""
INSERT INTO category (path)
SELECT DISTINCT content ->> 'category' AS path FROM judged WHERE content IS NOT NULL AND category_id IS NULL
ORDER BY path ON CONFLICT DO NOTHING
""")
KNOW_CATEGORIES = text("""
UPDATE judged j SET category_id = c.id FROM category c
WHERE j.content IS NOT NULL AND j.category_id IS NULL AND c.path = j.content ->> 'category'
""")
ADD_TAGS = text("""
INSERT INTO product_tag (name)
SELECT DISTINCT t.name FROM judged CROSS JOIN LATERAL jsonb_array_elements_text(content -> 'tags') AS t (name)
WHERE content ? 'tags' AND NOT EXISTS (SELECT FROM product_tag g WHERE g.name = t.name)
ORDER BY t.name ON CONFLICT DO NOTHING
""")
LOCK_PRODUCTS = text("""
SELECT count(*) FROM (
  SELECT p.id FROM product p JOIN judged j ON j.product_id = p.id
  WHERE j.outcome = 'updated' OR (j.outcome = 'unchanged' AND j.bump)
  ORDER BY p.id FOR NO KEY UPDATE OF p
) locked
""")
TAGS = "CASE WHEN content ? 'tags' THEN ARRAY(SELECT jsonb_array_elements_text(content -> 'tags')) ELSE '{}' END"
# Only of titles that are written: what is unchanged is never spelled.
TITLES = text("""
SELECT item_no, content ->> 'title' AS title FROM judged
WHERE outcome = 'created' OR (outcome = 'updated' AND retitled)
""")
ADD_PRODUCTS = text(f"""
INSERT INTO product (id, source_id, external_id, source_version, content_digest, title, pinyin, brand_id, category_id,
                     tags, shelf_status, shelf_reason, shelf_changed_at, updated_at)
SELECT product_id, :source_id, external_id, version, digest, content ->> 'title',
       CAST(coalesce(s.pinyin, '') AS tsvector), brand_id, category_id, {TAGS},
       content ->> 'shelf_status', content ->> 'reason', :now, :now
FROM judged LEFT JOIN spelling s USING (item_no) WHERE outcome = 'created' ORDER BY external_id
""")  # noqa: S608 - built from constants
CHANGE_PRODUCTS = text(f"""
UPDATE product p
SET source_version = j.version, content_digest = j.digest, brand_id = j.brand_id, category_id = j.category_id,
    tags = {TAGS},
    shelf_status = j.content ->> 'shelf_status', shelf_reason = j.content ->> 'reason',
    doubtful = coalesce(j.doubt, false), retired_status = NULL, retired_reason = NULL,
    shelf_changed_at = CASE WHEN p.shelf_status = j.content ->> 'shelf_status' THEN p.shelf_changed_at ELSE :now END,
    updated_at = :now
FROM judged j WHERE p.id = j.product_id AND j.outcome = 'updated'
""")  # noqa: S608 - built from constants
# By itself, and seldom: what is searched is made anew of every title that is set.
CHANGE_TITLES = text("""
UPDATE product p SET title = j.content ->> 'title', pinyin = CAST(coalesce(s.pinyin, '') AS tsvector)
FROM judged j LEFT JOIN spelling s USING (item_no) WHERE p.id = j.product_id AND j.outcome = 'updated' AND j.retitled
""")
# The same content under a higher version: remembered, or an older change that arrives late would win.
RAISE_VERSIONS = text("""
UPDATE product p SET source_version = j.version, updated_at = :now
FROM judged j WHERE p.id = j.product_id AND j.outcome = 'unchanged' AND j.bump
""")
MARK_DOUBTFUL = text("""
UPDATE product p SET doubtful = true, updated_at = :now
FROM judged j WHERE p.id = j.product_id AND j.outcome = 'unchanged' AND j.doubt AND NOT p.doubtful
""")
ADD_SKUS = text("""
INSERT INTO sku (product_id, code, barcode, variant_id, price_fen, list_price_fen, currency, in_stock)
SELECT product_id, code, barcode, variant_id, price, list_price, :currency, in_stock FROM incoming_sku
WHERE sku_id IS NULL ORDER BY code ON CONFLICT (code) DO NOTHING
""")
# What is named by its product is nobody else's to take, but for a source that stands above; a code that was dropped
# may have been claimed since.
CHANGE_SKUS = text("""
UPDATE sku k
SET product_id = s.product_id, barcode = s.barcode, variant_id = s.variant_id, price_fen = s.price,
    list_price_fen = s.list_price, currency = :currency, in_stock = s.in_stock, listed = true
FROM incoming_sku s
WHERE k.id = s.sku_id AND s.code IS NOT NULL AND s.differs AND s.standing IS DISTINCT FROM 'below'
  AND (k.product_id = s.product_id OR NOT k.listed OR (s.standing = 'above' AND k.product_id = s.owner_id))
""")
DROP_SKUS = text("UPDATE sku k SET listed = false FROM incoming_sku s WHERE k.id = s.sku_id AND s.code IS NULL")
# A picture that is no longer named goes; one under another address is fetched anew.
DROP_IMAGES = text("""
WITH dropped AS (
  DELETE FROM image_link l USING judged j
  WHERE l.product_id = j.product_id AND j.outcome = 'updated'
    AND l.position >= jsonb_array_length(j.content -> 'image_urls')
  RETURNING l.product_id, l.position
)
DELETE FROM product_image i USING dropped d WHERE i.product_id = d.product_id AND i.position = d.position
""")
LINK_IMAGES = text("""
INSERT INTO image_link (product_id, position, url, due_at)
SELECT j.product_id, named.position - 1, named.url, :now
FROM judged j
CROSS JOIN LATERAL jsonb_array_elements_text(j.content -> 'image_urls') WITH ORDINALITY AS named (url, position)
WHERE j.content -> 'image_urls' <> '[]'
ON CONFLICT (product_id, position) DO UPDATE
SET url = excluded.url, due_at = excluded.due_at, attempts = 0, problem = NULL WHERE image_link.url <> excluded.url
""")
# Each with what of the survey it is for.
PRODUCT_WRITES = (
    *(("brands", ADD_BRANDS), ("brands", KNOW_BRANDS), ("categories", ADD_CATEGORIES), ("categories", KNOW_CATEGORIES)),
    ("tagged", ADD_TAGS),
    *(("touched", LOCK_PRODUCTS), ("created", ADD_PRODUCTS), ("updated", CHANGE_PRODUCTS), ("retitled", CHANGE_TITLES)),
    *(("bumped", RAISE_VERSIONS), ("doubted", MARK_DOUBTFUL)),
)
LISTING_WRITES = (
    ("released", RELEASE),
    *(("contested", statement) for statement in (listings.LET_GO, listings.KEEP_BELOW, listings.KEEP_DECIDING)),
)
IMAGE_WRITES = (("updated", DROP_IMAGES), ("pictured", LINK_IMAGES))
OUTCOMES = text("SELECT item_no, outcome, code, held, version FROM judged")


class SkuRace(Unavailable):
    """Two sources claimed one new SKU code in the same instant; nothing was written, and trying again decides."""

    code = "sku_race"


def merge(*, source: Source, now: datetime, block: Block | None = None, careful: bool = False) -> None:
    """Judge every item of `incoming`, or of `block`, and write what differs; `judged` tells what became of each.

    With `careful`, of two contents under one version the more careful one holds, and the product is doubtful.
    """
    parameters = {"source_id": source.id, "currency": source.currency, "now": now}
    lock_source(source.id)
    decide(source=source, block=block, careful=careful)
    survey = execute_anew(SURVEY).fetchone() or {}
    if survey.get("created") or survey.get("retitled"):
        _spell_titles()
    _run(PRODUCT_WRITES, survey, parameters)
    _run(LISTING_WRITES, survey, parameters)
    _write_skus(survey, parameters)
    _run(IMAGE_WRITES, survey, parameters)
    if survey.get("updated") or survey.get("moved"):
        listings.settle_merged(now=now)


def decide(*, source: Source, block: Block | None, careful: bool = False) -> None:
    """Fill `judged` and `incoming_sku` with what becomes of each item of `incoming`, or of `block`, and no more.

    What earlier blocks of the same file were found to do may stand there still, without its content: it counts.
    """
    after = -1 if block is None else block.after
    judge(source=source, block=block, careful=careful)
    if _expand_skus({"currency": source.currency}):
        for statement in (FIND_OTHERS, FIND_HELD):
            execute_anew(statement, {"source_id": source.id, "after": after})
        _reject_taken(source, block, after)


def _expand_skus(parameters: dict[str, object]) -> int:
    execute_anew(WITH_HASHES)
    expanded = execute_anew(EXPAND_SKUS, parameters).rowcount
    execute_anew(WITHOUT_HASHES)
    return expanded


def _reject_taken(source: Source, block: Block | None, after: int) -> None:
    """Until none is left: what a rejected item would have dropped is not free for the others."""
    claimed = {"source_id": source.id, **(asdict(block) if block else {"after": after})}
    if not _taken(claimed):
        return
    while taken := _taken_in_the_end(claimed, in_file=block is not None):
        for statement in (REJECT_TAKEN, DROP_TAKEN):
            execute_anew(statement, {"item_nos": taken})


def _taken_in_the_end(claimed: dict[str, Any], *, in_file: bool) -> list[int]:
    if in_file:
        execute_anew(FIND_RELEASED, claimed)
    return _taken(claimed)


def _taken(claimed: dict[str, Any]) -> list[int]:
    return [row["item_no"] for row in execute_anew(FIND_TAKEN, {"after": claimed["after"]})]


def _spell_titles() -> None:
    titles = execute_anew(TITLES).fetchall()
    spellings = ((row["item_no"], pinyin.spelled(row["title"])) for row in titles)
    copy_rows("spelling", {"item_no": "int4", "pinyin": "text"}, (row for row in spellings if row[1]))


def _write_skus(survey: dict[str, Any], parameters: dict[str, object]) -> None:
    """Raises SkuRace where a code went to another product after it was looked up."""
    for wanted, statement in (("skus_dropped", DROP_SKUS), ("skus_new", ADD_SKUS), ("skus_changed", CHANGE_SKUS)):
        expected = survey.get(wanted)
        if expected and execute_anew(statement, parameters).rowcount != expected:
            raise SkuRace


def _run(statements: tuple[tuple[str, TextClause], ...], survey: dict[str, Any], parameters: dict[str, object]) -> None:
    for wanted, statement in statements:
        if survey.get(wanted):
            execute_anew(statement, parameters)
