"""A SKU that several sources list: the one that stands highest says what it is, the others' words wait beside it.

`sku` has what everyone reads, said by its product's source; `sku_listing` has what each other source says. Where one
source lists a SKU there is nothing here to do. What a source took down is its word, too: nobody below takes over until
an operator retires the source, or unlinks its listing. See docs/adr/0013-listings.md.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from catalog import queries
from catalog.queries.offers import standing
from catalog.service.judging import lock_source
from kit.db import db, execute_anew, fetch_all
from kit.errors import Conflict, NotFound
from models import Product, Source

# Of the source that is being merged, and the product of an incoming SKU, which may be about to be created.
OWN_STANDING = """(SELECT (
  (m.retired_at IS NOT NULL OR EXISTS (SELECT FROM product p WHERE p.id = s.product_id AND p.unlinked_at IS NOT NULL)),
  m.rank, m.id) FROM source m WHERE m.id = :source_id)"""

# What a source says of a SKU.
SAID_OF_SKU = ("barcode", "variant_id", "price_fen", "list_price_fen", "currency", "in_stock", "listed")
COLUMNS, SKU_COLUMNS = (", ".join(f"{prefix}{name}" for name in SAID_OF_SKU) for prefix in ("", "k."))


def _set_from(alias: str) -> str:
    return ", ".join(f"{name} = {alias}.{name}" for name in SAID_OF_SKU)


# A source lists a SKU in one product: another of its products that had listed it lets it go.
LET_GO = text("""
DELETE FROM sku_listing l USING incoming_sku s, product q
WHERE s.standing IS NOT NULL AND l.sku_id = s.sku_id AND l.product_id <> s.product_id
  AND q.id = l.product_id AND q.source_id = :source_id
""")
KEEP_BELOW = text(f"""
INSERT INTO sku_listing (sku_id, product_id, {COLUMNS})
SELECT sku_id, product_id, barcode, variant_id, price, list_price, :currency, in_stock, true
FROM incoming_sku WHERE standing = 'below' ORDER BY sku_id
ON CONFLICT (sku_id, product_id) DO UPDATE SET {_set_from("excluded")}
""")  # noqa: S608 - built from constants
# What decided until now goes beside; what now decides stands there no more.
KEEP_DECIDING = text(f"""
WITH risen AS (
  DELETE FROM sku_listing l USING incoming_sku s
  WHERE s.standing = 'above' AND l.sku_id = s.sku_id AND l.product_id = s.product_id
)
INSERT INTO sku_listing (sku_id, product_id, {COLUMNS})
SELECT k.id, k.product_id, {SKU_COLUMNS}
FROM incoming_sku s JOIN sku k ON k.id = s.sku_id WHERE s.standing = 'above' ORDER BY k.id
""")  # noqa: S608 - built from constants
DROP_BELOW = text("""
UPDATE sku_listing l SET listed = false
FROM judged j
WHERE l.product_id = j.product_id AND j.content IS NOT NULL AND l.listed
  AND NOT EXISTS (SELECT FROM incoming_sku s WHERE s.product_id = j.product_id AND s.sku_id = l.sku_id)
""")
# Whoever was written, and whoever lost a SKU to it.
MERGED = """(
  SELECT product_id AS id FROM judged WHERE content IS NOT NULL
  UNION SELECT owner_id FROM incoming_sku WHERE owner_id <> product_id
  UNION SELECT held_id FROM incoming_sku WHERE held_id IS NOT NULL
)"""
SHADOW = """
UPDATE product p SET shadowed = NOT p.shadowed
FROM {touched} t
WHERE p.id = t.id AND p.shadowed <> (
  EXISTS (SELECT FROM sku_listing l WHERE l.product_id = p.id)
  AND NOT EXISTS (SELECT FROM sku k WHERE k.product_id = p.id)
)
"""
SHADOW_MERGED = text(SHADOW.format(touched=MERGED))
# A product that lost all its SKUs to a new one goes on as that: what people made of it stays with it.
SUCCEEDED = text("""
SELECT DISTINCT ON (heir) gone, heir FROM (
  SELECT DISTINCT ON (s.owner_id) s.owner_id AS gone, s.product_id AS heir, s.code
  FROM incoming_sku s JOIN judged j ON j.product_id = s.product_id JOIN product p ON p.id = s.owner_id
  WHERE s.standing = 'above' AND j.outcome = 'created' AND p.shadowed
  ORDER BY s.owner_id, s.code COLLATE "C"
) pairs ORDER BY heir, code COLLATE "C"
""")

# Two rows exchange all but their ids, and what the database makes of the rest.
PAIRS = "(SELECT unnest(CAST(:ids AS uuid[])) AS id, unnest(CAST(:partners AS uuid[])) AS partner) pair"
KEPT = ("id", "search", "shelf_changed_at", "updated_at")
SAID = tuple(column.name for column in Product.__table__.columns if column.name not in KEPT)
MOVED = (
    ("sku_listing", f"sku_id, {COLUMNS}"),
    ("image_link", "position, url, attempts, due_at, problem"),
    ("product_image", "position, storage_key"),
)
EXCHANGE = tuple(
    text(statement)
    for statement in (
        f"""
        UPDATE product p
        SET shelf_changed_at = CASE WHEN p.shelf_status = q.shelf_status THEN p.shelf_changed_at ELSE :now END,
            updated_at = :now, {", ".join(f"{name} = q.{name}" for name in SAID)}
        FROM {PAIRS} JOIN product q ON q.id = pair.partner WHERE p.id = pair.id
        """,  # noqa: S608 - built from constants
        f"UPDATE sku k SET product_id = pair.partner FROM {PAIRS} WHERE k.product_id = pair.id",  # noqa: S608
        *(
            f"""
            WITH moved AS (
              DELETE FROM {table} t USING {PAIRS} WHERE t.product_id = pair.id RETURNING t.*, pair.partner
            )
            INSERT INTO {table} (product_id, {columns}) SELECT partner, {columns} FROM moved ORDER BY partner
            """  # noqa: S608 - built from constants
            for table, columns in MOVED
        ),
    )
)

# Which SKUs another listing should decide now, among those that the source has a listing of.
FIND_RISING = text(f"""
SELECT best.sku_id, best.product_id, k.product_id AS old_product_id
FROM (
  SELECT DISTINCT ON (l.sku_id) l.sku_id, l.product_id, {standing("s", "p")} AS standing
  FROM sku_listing l JOIN product p ON p.id = l.product_id JOIN source s ON s.id = p.source_id
  WHERE l.sku_id IN (
    SELECT sku_id FROM sku_listing x JOIN product y ON y.id = x.product_id WHERE y.source_id = :source_id
    UNION SELECT x.sku_id FROM sku_listing x JOIN sku z ON z.id = x.sku_id JOIN product y ON y.id = z.product_id
    WHERE y.source_id = :source_id
  )
  ORDER BY l.sku_id, standing, l.listed DESC, p.external_id COLLATE "C"
) best
JOIN sku k ON k.id = best.sku_id JOIN product o ON o.id = k.product_id JOIN source os ON os.id = o.source_id
JOIN product b ON b.id = best.product_id JOIN source bs ON bs.id = b.source_id
WHERE best.standing < {standing("os", "o")} AND bs.retired_at IS NULL AND b.unlinked_at IS NULL
ORDER BY best.sku_id
""")  # noqa: S608 - built from constants
RISE = text(f"""
WITH rising AS (
  SELECT unnest(CAST(:sku_ids AS uuid[])) AS sku_id, unnest(CAST(:product_ids AS uuid[])) AS product_id
), said AS (
  DELETE FROM sku_listing l USING rising r WHERE l.sku_id = r.sku_id AND l.product_id = r.product_id RETURNING l.*
), beside AS (
  INSERT INTO sku_listing (sku_id, product_id, {COLUMNS})
  SELECT k.id, k.product_id, {SKU_COLUMNS}
  FROM sku k JOIN rising r ON r.sku_id = k.id
)
UPDATE sku k
SET product_id = d.product_id, {_set_from("d")} FROM said d WHERE k.id = d.sku_id
""")  # noqa: S608 - built from constants
SHADOW_IDS = text(SHADOW.format(touched="(SELECT unnest(CAST(:ids AS uuid[])) AS id)"))
WAS_SHADOWED = text("SELECT id FROM product WHERE id = ANY(:ids) AND shadowed")


ANY_BESIDE = text("SELECT EXISTS (SELECT FROM sku_listing) AS there")
# A SKU that moved between products of one source, of which the new one had listed it below another source.
DROP_DECIDING = text("""
DELETE FROM sku_listing l USING sku k, judged j
WHERE j.content IS NOT NULL AND l.product_id = j.product_id AND k.id = l.sku_id AND k.product_id = l.product_id
""")


def settle_merged(*, now: datetime) -> None:
    """After a merge: what lower listings no longer name, which products are shadowed, and which go on as others."""
    if not (execute_anew(ANY_BESIDE).fetchone() or {}).get("there"):
        return
    execute_anew(DROP_DECIDING)
    execute_anew(DROP_BELOW)
    execute_anew(SHADOW_MERGED)
    exchange([(row["gone"], row["heir"]) for row in execute_anew(SUCCEEDED)], now=now)


class ListingNotFound(NotFound):
    """The source has no listing of this product."""

    code = "listing_not_found"


class ListingUnrivalled(Conflict):
    """Nobody else lists the product's SKUs: there is nobody to take over."""

    code = "listing_unrivalled"


def unlink(*, product_id: UUID, source: Source, now: datetime) -> None:
    """Let the source's word on the product's SKUs count after all others'; the same again changes nothing.

    Raises ListingNotFound, and ListingUnrivalled when nobody else lists any of them.
    """
    listed = _listings_of(product_id, source)
    changed = db.session.execute(
        text("UPDATE product SET unlinked_at = :now WHERE id = ANY(:ids) AND unlinked_at IS NULL"),
        {"ids": listed, "now": now},
    )
    others = [row for row in queries.list_listings(product_id) if row["source"] != source.code]
    if not others:
        raise ListingUnrivalled
    if changed.rowcount:  # type: ignore[attr-defined]
        hand_over(source.id, now=now)


def link(*, product_id: UUID, source: Source, now: datetime) -> None:
    """Let the source's word count by its rank again; raises ListingNotFound."""
    parameters = {"ids": _listings_of(product_id, source)}
    db.session.execute(text("UPDATE product SET unlinked_at = NULL WHERE id = ANY(:ids)"), parameters)
    hand_over(source.id, now=now)


def _listings_of(product_id: UUID, source: Source) -> list[UUID]:
    lock_source(source.id)
    found = [row["product_id"] for row in queries.list_listings(product_id) if row["source"] == source.code]
    if not found:
        raise ListingNotFound
    return found


def hand_over(source_id: UUID, *, now: datetime) -> int:
    """Let the highest listing decide each SKU that the source lists and others do; answers of how many that changed.

    Whoever's shelf status changes by that changed it `now`.
    """
    lock_source(source_id)
    rising = fetch_all(FIND_RISING, {"source_id": source_id})
    if not rising:
        return 0
    sku_ids, product_ids = [row["sku_id"] for row in rising], [row["product_id"] for row in rising]
    old_ids = [row["old_product_id"] for row in rising]
    touched = {"ids": list({*product_ids, *old_ids})}
    shadowed = {row["id"] for row in fetch_all(WAS_SHADOWED, touched)}
    db.session.execute(RISE, {"sku_ids": sku_ids, "product_ids": product_ids})
    db.session.execute(SHADOW_IDS, touched)
    gone = {row["id"] for row in fetch_all(WAS_SHADOWED, touched)}
    exchange(_successions(zip(old_ids, product_ids, strict=True), gone=gone, heirs=shadowed), now=now)
    return len(rising)


def _successions(moves: Any, *, gone: set[UUID], heirs: set[UUID]) -> list[tuple[UUID, UUID]]:
    """Each product that has nothing left with the one that it goes on as, which had nothing before."""
    pairs: dict[UUID, UUID] = {}
    for old, new in moves:
        if old in gone and new in heirs and old not in pairs and new not in pairs.values():
            pairs[old] = new
    return list(pairs.items())


def exchange(pairs: list[tuple[UUID, UUID]], *, now: datetime) -> None:
    """Let each two products exchange ids: forwards, contents and shelf events stay with who has the SKUs.

    All of these name a product by its id, and mean what is sold under it, whoever says what that is; a new source of a
    higher rank must not make a content forwardable no more. A product that points at its successor would be plainer
    here, and would have every list, card and report of the rooms above follow it. To point their rows at the successor
    is not ours to do, and forwards and shelf events are never edited. So the id stays, and the two rows exchange what
    they say: the columns of `product`, its SKUs and the words on them, and its pictures. A few rows, once, when a
    source arrives or leaves.
    """
    if pairs:
        there, back = [list(side) for side in zip(*pairs, strict=True)]
        parameters = {"ids": there + back, "partners": back + there, "now": now}
        for statement in EXCHANGE:
            db.session.execute(statement, parameters)
