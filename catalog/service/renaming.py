"""Products whose names a file changes: a handle, or a SKU that names a product, is not what the product is.

A product of the file is the one that the platform's id is known of. Where the file tells none, or a new one, it is the
one of its name if that carries any of its SKUs, else the one that carries most of them, unless the file says that this
one goes on under its own name. All names of a file change in one go, before any of its products is written.
"""

from sqlalchemy import text

from catalog.service.judging import lock_source
from catalog.service.weighing import AS_WHOLE
from kit.db import db, execute_anew, fetch_all
from models import SyncRun

# What carries a listing's SKUs, whoever decides on them.
FIND_RENAMED = text("""
WITH named AS MATERIALIZED (
  SELECT i.external_id AS name, s.value ->> 'code' AS code
  FROM sync_item i CROSS JOIN LATERAL jsonb_array_elements(i.payload -> 'skus') s WHERE i.run_id = :run_id
), told AS MATERIALIZED (
  SELECT i.external_id AS name, p.id, p.external_id AS old
  FROM sync_item i
  JOIN product_alias a ON a.source_id = :source_id AND a.alias = i.platform_id
  JOIN product p ON p.source_id = a.source_id AND p.external_id = a.external_id
  WHERE i.run_id = :run_id
), carried AS MATERIALIZED (
  SELECT n.name, p.id, p.external_id AS old, count(*) AS shared
  FROM named n JOIN sku k ON k.code = n.code
  JOIN LATERAL (
    SELECT k.product_id UNION SELECT l.product_id FROM sku_listing l WHERE l.sku_id = k.id
  ) has ON true
  JOIN product p ON p.id = has.product_id AND p.source_id = :source_id
  WHERE NOT EXISTS (SELECT FROM told t WHERE t.id = p.id) AND NOT EXISTS (SELECT FROM told t WHERE t.name = n.name)
  GROUP BY n.name, p.id, p.external_id
), moved AS (
  SELECT DISTINCT ON (c.id) c.* FROM carried c
  WHERE c.name <> c.old
    AND NOT EXISTS (SELECT FROM carried k WHERE k.name = k.old AND (k.id = c.id OR k.name = c.name))
    AND NOT EXISTS (SELECT FROM sync_reject r WHERE r.run_id = :run_id AND r.external_id IN (c.old, c.name))
    AND (
      :is_snapshot
      OR EXISTS (SELECT FROM named n WHERE n.name = c.old)
      OR NOT EXISTS (
        SELECT FROM sku k WHERE k.product_id = c.id AND k.listed
          AND NOT EXISTS (SELECT FROM named n WHERE n.name = c.name AND n.code = k.code)
      )
    )
  ORDER BY c.id, c.shared DESC, c.name COLLATE "C"
)
(SELECT DISTINCT ON (name) name, id, old FROM moved ORDER BY name, shared DESC, old COLLATE "C")
UNION ALL SELECT name, id, old FROM told WHERE name <> old
""")
# Who has a name that goes to another product, and gets none of its own, keeps its id as one.
RENAME = text("""
WITH given AS (
  SELECT unnest(CAST(:ids AS uuid[])) AS id, unnest(CAST(:names AS text[])) AS name
), left_over AS (
  SELECT p.id, 'id:' || coalesce(a.alias, CAST(p.id AS text)) AS name
  FROM product p LEFT JOIN product_alias a ON a.source_id = p.source_id AND a.external_id = p.external_id
  WHERE p.source_id = :source_id AND p.external_id = ANY(:names) AND p.id <> ALL (CAST(:ids AS uuid[]))
), all_given AS (SELECT * FROM given UNION ALL SELECT * FROM left_over), aliases AS (
  UPDATE product_alias a SET external_id = g.name
  FROM all_given g JOIN product p ON p.id = g.id
  WHERE a.source_id = p.source_id AND a.external_id = p.external_id
)
UPDATE product p SET external_id = g.name FROM all_given g WHERE p.id = g.id
""")
# What a row that cannot be used says of a product that has another name in the catalog is said of that product.
NAME_REJECTS = text("""
UPDATE sync_reject r SET external_id = a.external_id
FROM product_alias a
WHERE r.run_id = :run_id AND a.source_id = r.source_id AND a.alias = r.platform_id
  AND a.external_id <> r.external_id
""")
# An id that is new takes the name over from one that is not told any more.
REMEMBER_IDS = (
    text("""
    UPDATE product_alias a SET external_id = NULL
    FROM judged j JOIN sync_item i ON i.run_id = :run_id AND i.item_no = j.item_no
    WHERE a.source_id = :source_id AND a.external_id = i.external_id AND a.alias <> i.platform_id
      AND j.outcome <> 'rejected'
    """),
    text("""
    INSERT INTO product_alias (source_id, alias, external_id)
    SELECT DISTINCT ON (i.platform_id) :source_id, i.platform_id, i.external_id
    FROM judged j JOIN sync_item i ON i.run_id = :run_id AND i.item_no = j.item_no
    WHERE i.platform_id IS NOT NULL AND j.outcome <> 'rejected'
    ORDER BY i.platform_id, i.item_no
    ON CONFLICT (source_id, alias) DO UPDATE SET external_id = excluded.external_id
    WHERE product_alias.external_id IS DISTINCT FROM excluded.external_id
    """),
)


def remember_ids(run: SyncRun) -> None:
    """Keep which product each platform's id of the block that was merged is of."""
    for statement in REMEMBER_IDS:
        execute_anew(statement, {"run_id": run.id, "source_id": run.source_id})


def rename_products(run: SyncRun) -> None:
    """Let the catalog's products go by the names that the file gives them; the same again changes nothing."""
    lock_source(run.source_id)
    db.session.execute(AS_WHOLE)
    db.session.execute(NAME_REJECTS, {"run_id": run.id})
    parameters = {"run_id": run.id, "source_id": run.source_id, "is_snapshot": run.mode == "snapshot"}
    found = fetch_all(FIND_RENAMED, parameters)
    if found:
        given = {"ids": [row["id"] for row in found], "names": [row["name"] for row in found]}
        db.session.execute(RENAME, {**given, "source_id": run.source_id})
