"""File imports, what they rejected, and how a source compares with the catalog."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select, text

from kit.db import db, fetch_all, fetch_one
from kit.errors import NotFound
from models import Source, SyncReject, SyncRun

RECONCILIATION = text("""
SELECT count(*) AS products,
       count(*) FILTER (WHERE shelf_status = 'on_shelf') AS on_shelf,
       count(*) FILTER (WHERE shelf_status = 'off_shelf') AS off_shelf,
       count(*) FILTER (WHERE shelf_status = 'presale') AS presale,
       count(*) FILTER (WHERE shelf_status = 'discontinued') AS discontinued,
       (SELECT count(*) FROM sku k JOIN product q ON q.id = k.product_id
        WHERE q.source_id = :source_id AND k.listed)
       + (SELECT count(*) FROM sku_listing l JOIN product q ON q.id = l.product_id
          WHERE q.source_id = :source_id AND l.listed) AS skus,
       lpad(to_hex(coalesce(bit_xor(content_digest), 0)), 16, '0') AS checksum
FROM product WHERE source_id = :source_id
""")
BUCKETS = text("""
SELECT lpad(to_hex(bucket), 2, '0') AS bucket, count(*) AS products,
       lpad(to_hex(coalesce(bit_xor(content_digest), 0)), 16, '0') AS checksum
FROM (SELECT content_digest, get_byte(sha256(convert_to(external_id, 'UTF8')), 0) AS bucket
      FROM product WHERE source_id = :source_id) p
GROUP BY p.bucket ORDER BY p.bucket
""")
BUCKET = text("""
SELECT external_id, source_version, shelf_status, lpad(to_hex(content_digest), 16, '0') AS digest FROM product
WHERE source_id = :source_id AND get_byte(sha256(convert_to(external_id, 'UTF8')), 0) = :bucket
ORDER BY external_id LIMIT 10000
""")
LAST_DRY_RUN = text("""
SELECT id, created_at FROM sync_run
WHERE source_id = :source_id AND dry_run AND state = 'done' ORDER BY created_at DESC LIMIT 1
""")
DRIFT = text("SELECT external_id, kind FROM sync_drift WHERE run_id = :run_id ORDER BY external_id")


class RunNotFound(NotFound):
    """There is no such import."""

    code = "sync_run_not_found"


def get_run(run_id: UUID) -> SyncRun:
    """The import as it is in the database now; raises RunNotFound."""
    statement = select(SyncRun).where(SyncRun.id == run_id).execution_options(populate_existing=True)
    run = db.session.scalar(statement)
    if run is None:
        raise RunNotFound
    return run


@dataclass(frozen=True, kw_only=True)
class RunFilter:
    """Which imports are listed; None narrows nothing."""

    source: Source | None = None
    state: str | None = None
    mode: str | None = None
    dry_run: bool | None = None


def list_runs(wanted: RunFilter, after: list[str] | None, limit: int) -> list[SyncRun]:
    """Imports of all sources or of one, the newest first, past the id in `after`."""
    statement = select(SyncRun).order_by(SyncRun.id.desc()).limit(limit)
    if wanted.source:
        statement = statement.where(SyncRun.source_id == wanted.source.id)
    for name in ("state", "mode", "dry_run"):
        if (value := getattr(wanted, name)) is not None:
            statement = statement.where(getattr(SyncRun, name) == value)
    if after:
        statement = statement.where(SyncRun.id < UUID(after[0]))
    return list(db.session.scalars(statement))


def list_rejects(*, source_id: UUID, run_id: UUID | None, after: list[int] | None, limit: int) -> list[dict[str, Any]]:
    """Rows of a file, or items of pushes when `run_id` is None, that were not taken, past the id in `after`."""
    columns = (
        *(SyncReject.id, SyncReject.line_no, SyncReject.external_id, SyncReject.field, SyncReject.code),
        *(SyncReject.said.label("detail"), SyncReject.raw, SyncReject.created_at.label("at")),
    )
    statement = select(*columns).where(SyncReject.source_id == source_id, SyncReject.run_id == run_id)
    if after:
        statement = statement.where(SyncReject.id > after[0])
    return list(fetch_all(statement.order_by(SyncReject.id).limit(limit)))


def get_reconciliation(source: Source) -> dict[str, Any]:
    """Counts and checksums that the source can compare with its own, and what its last dry run found to differ."""
    parameters = {"source_id": source.id}
    dry_run = fetch_one(LAST_DRY_RUN, parameters)
    return {
        **(fetch_one(RECONCILIATION, parameters) or {}),
        "buckets": list(fetch_all(BUCKETS, parameters)),
        "drift_run_id": dry_run["id"] if dry_run else None,
        "drift_at": dry_run["created_at"] if dry_run else None,
        "drift": list(fetch_all(DRIFT, {"run_id": dry_run["id"]})) if dry_run else [],
    }


def list_bucket(source: Source, bucket: int) -> list[dict[str, Any]]:
    """The products of one of the 256 buckets with their digests, for finding which one differs."""
    return list(fetch_all(BUCKET, {"source_id": source.id, "bucket": bucket}))
