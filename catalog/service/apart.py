"""SKU codes that a shop gave to several variants: each after the first is told apart by what it belongs to.

`TEE` of a second variant becomes `TEE~M`, that of a second product `TEE~` and its handle. A code stays with the product
that has it, so that the same shop, sent again in any order, names the same codes.
"""

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from sqlalchemy import text

from catalog.formats.pieces import BadRow
from catalog.items import ProductContent, ProductItem
from catalog.rules import shortened
from catalog.service import staging
from catalog.service.staging import StagedItem
from catalog.service.weighing import AS_WHOLE
from kit.db import db, fetch_all
from models import SyncRun

Content = TypeVar("Content", bound=ProductContent)
# Named by several products of the file: the one that has it in the catalog keeps it, else the first. Named by one: it
# is another's where that is not in the file, unless the name is new, too (then it may be the same product).
FIND_SHARED = text("""
WITH named AS MATERIALIZED (
  SELECT i.item_no, i.external_id AS name, s.value ->> 'code' AS code
  FROM sync_item i CROSS JOIN LATERAL jsonb_array_elements(i.payload -> 'skus') s WHERE i.run_id = :run_id
), weighed AS (
  SELECT n.*, row_number() OVER (
           PARTITION BY n.code COLLATE "C" ORDER BY (p.external_id = n.name) IS TRUE DESC, n.item_no
         ) AS claim,
         p.external_id <> n.name AND k.listed
           AND EXISTS (SELECT FROM product o WHERE o.source_id = :source_id AND o.external_id = n.name)
           AND NOT EXISTS (SELECT FROM sync_item i WHERE i.run_id = :run_id AND i.external_id = p.external_id) AS others
  FROM named n
  LEFT JOIN sku k ON k.code = n.code
  LEFT JOIN product p ON p.id = k.product_id AND p.source_id = :source_id
)
SELECT item_no, array_agg(code) AS codes FROM weighed w
WHERE claim > 1 OR others OR EXISTS (
  SELECT FROM sku k JOIN product p ON p.id = k.product_id AND p.source_id = :source_id AND p.external_id = w.name
  WHERE k.code = w.code || '~' || w.name
)
GROUP BY item_no
""")
STAGED = text("""
SELECT item_no, external_id, platform_id, version, CAST(payload AS text) AS payload FROM sync_item
WHERE run_id = :run_id AND item_no = ANY(:item_nos)
""")
OWNED_ELSEWHERE = text("""
SELECT k.code FROM sku k JOIN product p ON p.id = k.product_id
WHERE p.source_id = :source_id AND p.external_id <> :name AND k.code = ANY(:codes) AND k.listed
""")
OWNED_APART = text("""
SELECT split_part(k.code, '~', 1) AS base, min(k.code) AS code FROM sku k JOIN product p ON p.id = k.product_id
WHERE p.source_id = :source_id AND p.external_id = :name AND split_part(k.code, '~', 1) = ANY(:codes)
  AND strpos(k.code, '~') > 0
GROUP BY base HAVING count(*) = 1
""")


def set_apart(run: SyncRun) -> None:
    """Tell the codes apart that several products of a staged file share."""
    db.session.execute(AS_WHOLE)
    shared = {
        row["item_no"]: row["codes"] for row in fetch_all(FIND_SHARED, {"run_id": run.id, "source_id": run.source_id})
    }
    if not shared:
        return
    found = fetch_all(STAGED, {"run_id": run.id, "item_nos": list(shared)})
    db.session.execute(staging.DROP_ITEMS, {"run_id": run.id, "item_nos": list(shared)})
    staging.store(run, [_restaged(row, shared[row["item_no"]]) for row in found])


def apart_from_others(item: ProductItem, *, source_id: UUID, name: str) -> ProductItem:
    """The product of a webhook, known as `name`, with codes that other products of the source do not have."""
    parameters = {"source_id": source_id, "name": name, "codes": [sku.code for sku in item.skus]}
    mine = {row["base"]: row["code"] for row in fetch_all(OWNED_APART, parameters)}
    others = {row["code"] for row in fetch_all(OWNED_ELSEWHERE, parameters)}
    given = {sku.code for sku in item.skus}
    codes = {code: mine.get(code, shortened(f"{code}~{item.external_id}")) for code in others | (mine.keys() & given)}
    return _renamed(item, {old: new for old, new in codes.items() if new not in given})


def _restaged(row: Mapping[str, Any], codes: list[str]) -> StagedItem | BadRow:
    content = msgspec.json.decode(row["payload"], type=ProductContent)
    renamed = _renamed(content, {code: shortened(f"{code}~{row['external_id']}") for code in codes})
    return staging.whole_item(row["item_no"], renamed, row["version"], row["platform_id"])


def _renamed(item: Content, codes: Mapping[str, str]) -> Content:
    skus = [msgspec.structs.replace(sku, code=codes.get(sku.code, sku.code)) for sku in item.skus]
    return msgspec.structs.replace(item, skus=skus)
