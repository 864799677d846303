"""Forgetting which versions were accepted, when a source counted wrong: what comes next is taken."""

from uuid import UUID

from sqlalchemy import text, update

from catalog import queries
from catalog.service.judging import lock_source
from kit import audit
from kit.db import db, fetch_all
from models import Source

# -1 is below every version, and past the floor that a snapshot set (catalog.service.judging).
RESET_PRODUCTS = text("""
UPDATE product p SET source_version = -1 FROM (
  SELECT id, source_version FROM product
  WHERE source_id = :source_id AND (CAST(:external_id AS text) IS NULL OR external_id = :external_id)
  ORDER BY id FOR UPDATE
) was
WHERE p.id = was.id RETURNING was.source_version AS from_version
""")
RESET_DELETIONS = text("""
UPDATE product_alias SET deleted_version = NULL
WHERE source_id = :source_id AND (CAST(:external_id AS text) IS NULL OR external_id = :external_id)
""")


def reset_versions(*, source_id: UUID, external_id: str | None) -> int:
    """How many products of a source, or the one with `external_id`, take the next version that comes, even a lower one.

    What they say and their shelf status stay until then; the audit log tells what the highest version was. Raises
    ProductNotFound.
    """
    parameters = {"source_id": source_id, "external_id": external_id}
    lock_source(source_id)
    before = [row["from_version"] for row in fetch_all(RESET_PRODUCTS, parameters)]
    if external_id is not None and not before:
        raise queries.ProductNotFound
    db.session.execute(RESET_DELETIONS, parameters)
    if external_id is None:
        db.session.execute(update(Source).where(Source.id == source_id).values(snapshot_version=0))
    which: dict[str, str] = {} if external_id is None else {"external_id": external_id}
    audit.note(
        table_name="source",
        row_id=str(source_id),
        action="versions_reset",
        products=len(before),
        highest_version=max(before, default=-1),
        **which,
    )
    return len(before)
