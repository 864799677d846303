"""Which product is meant: by the platform's own id, then by what it carries; a name comes last, and may change.

Names that change hands are given to the product that the platform said it of last. What is left without a name of its
own goes by `id:` and the platform's id until its next name comes.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text

from kit.db import db, fetch_one

KNOWN = text("""
SELECT a.external_id AS name, a.deleted_version, p.source_version AS version
FROM product_alias a LEFT JOIN product p ON p.source_id = a.source_id AND p.external_id = a.external_id
WHERE a.source_id = :source_id AND a.alias = :alias
""")
# Of the products whose id nobody has told: the one that carries a SKU of it, else the one of its name.
CARRIER = text("""
SELECT p.external_id AS name, p.source_version AS version
FROM product p
WHERE p.source_id = :source_id
  AND NOT EXISTS (SELECT FROM product_alias a WHERE a.source_id = p.source_id AND a.external_id = p.external_id)
  AND (p.external_id = :name OR p.id IN (SELECT product_id FROM sku WHERE code = ANY(:codes)))
ORDER BY EXISTS (SELECT FROM sku WHERE product_id = p.id AND code = ANY(:codes)) DESC, p.external_id = :name DESC,
         p.external_id
LIMIT 1
""")
HOLDER = text("""
SELECT p.id, p.source_version AS version, a.alias, p.shelf_reason IS NOT DISTINCT FROM 'deleted_at_source' AS deleted
FROM product p LEFT JOIN product_alias a ON a.source_id = p.source_id AND a.external_id = p.external_id
WHERE p.source_id = :source_id AND p.external_id = :name
""")
RENAME = (
    text("UPDATE product SET external_id = :new WHERE source_id = :source_id AND external_id = :old"),
    text("UPDATE product_alias SET external_id = :new WHERE source_id = :source_id AND external_id = :old"),
)
REMEMBER = text("""
INSERT INTO product_alias (source_id, alias, external_id)
SELECT source_id, :alias, external_id FROM product WHERE source_id = :source_id AND external_id = :name
ON CONFLICT (source_id, alias) DO UPDATE SET external_id = excluded.external_id
""")


def deleted_version(source_id: UUID, alias: str) -> int | None:
    """The version of the product's deletion, as far as it was told."""
    known = fetch_one(KNOWN, {"source_id": source_id, "alias": alias})
    return known["deleted_version"] if known else None


def settle_name(*, source_id: UUID, alias: str, name: str, version: int, codes: Sequence[str]) -> str:
    """What the product of the platform's id `alias`, called `name` as of `version`, goes by from now on.

    Renames it, and whichever product had the name before.
    """
    parameters = {"source_id": source_id, "alias": alias, "name": name, "codes": list(codes)}
    known = fetch_one(KNOWN, parameters) or {}
    if known.get("version") is None:
        known = fetch_one(CARRIER, parameters) or {}
    old = known.get("name")
    if old == name or (old is not None and version < known["version"]):
        return str(old)
    holder = fetch_one(HOLDER, parameters)
    if holder is not None and _outranks(holder, version, alias):
        new = f"id:{alias}"
    else:
        new = name
        if holder is not None:
            rename(source_id, old=name, new=f"id:{holder['alias'] or holder['id']}")
    if old is not None and old != new:
        rename(source_id, old=old, new=new)
    return new


def rename(source_id: UUID, *, old: str, new: str) -> None:
    """Let a product of the source go by another name."""
    for statement in RENAME:
        db.session.execute(statement, {"source_id": source_id, "old": old, "new": new})


def remember_alias(*, source_id: UUID, alias: str, name: str) -> None:
    """Keep which product the platform's id is of."""
    db.session.execute(REMEMBER, {"source_id": source_id, "alias": alias, "name": name})


def _outranks(holder: dict[str, Any], version: int, alias: str) -> bool:
    return not holder["deleted"] and (holder["version"], holder["alias"] or "") > (version, alias)
