"""Files of products: sent in, followed, confirmed or given up, and compared with the catalog."""

from functools import partial
from typing import Any
from uuid import UUID

from flask import Response

from catalog import queries, service
from catalog.queries.runs import RunNotFound
from catalog.queries.sources import SourceNotFound
from catalog.routes.blueprint import CATALOG, PUSH, bp
from catalog.routes.signatures import check_file
from catalog.schemas.sources import (
    BucketIn,
    BucketOut,
    ImportIn,
    ReconciliationOut,
    RejectPageOut,
    RejectsIn,
    SyncRunOut,
    SyncRunPageOut,
    SyncRunsIn,
)
from catalog.service.imports import EmptyUpload, ImportNotHeld, ImportUnderWay
from catalog.service.quotas import TooManyImports
from catalog.service.retiring import SourceRetired
from catalog.service.sources import BadSignature, SignatureRequired
from kit import clock, storage
from kit.db import unit_of_work
from kit.quotas import UploadQuotaReached
from kit.storage import FileNotStored, StorageUnavailable
from kit.web.auth import auth
from kit.web.exports import as_file
from kit.web.io import query, reply
from kit.web.paging import PageIn, page
from kit.web.refusals import refuses
from kit.web.units import Prepared, prepared, report
from kit.web.upload import received_file
from models import SyncRun

MAX_FILE_BYTES = 2 * 1024**3
RUN_FIELDS = (
    *("id", "mode", "dry_run", "state", "file_bytes", "rows_read", "items", "created", "updated", "unchanged"),
    *("stale", "rejected", "off_shelved", "confirmed", "problem_code", "problem"),
    *("created_at", "updated_at", "finished_at"),
)
REJECT_COLUMNS = ("line_no", "external_id", "field", "code", "detail", "raw")
MAX_CSV_REJECTS = 10_000
FILE_BODY = {
    "required": True,
    "description": "The file itself, or a form with the field `file`; up to 2 GiB.",
    "content": {
        "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["file"],
                "properties": {"file": {"type": "string", "format": "binary"}},
            }
        },
    },
}


def _store_file(source: str) -> Prepared:
    """The file goes to the storage, which may be far away, outside any transaction."""
    with unit_of_work(reading=True):
        found = queries.get_source(source)
    with received_file(max_bytes=MAX_FILE_BYTES) as content:
        check_file(found, content)
        digest = storage.file_sha256(content)
        file = service.store_upload(content)
    return Prepared({"file": file}, body_sha256=digest, discard=partial(storage.delete, file.key))


@bp.post("/sources/<source>/imports")
@auth(roles=CATALOG, scope=PUSH)
@refuses(
    BadSignature,
    EmptyUpload,
    FileNotStored,
    RunNotFound,
    SignatureRequired,
    SourceNotFound,
    SourceRetired,
    StorageUnavailable,
    TooManyImports,
    UploadQuotaReached,
)
@prepared(_store_file)
@bp.doc(requestBody=FILE_BODY)
@query(ImportIn)
@reply(SyncRunOut, 202)
def create_import(source: str, mode: str, dry_run: bool, file: service.StoredFile) -> dict[str, Any]:
    """Send a file of products as the body; what becomes of it is told by the run that is answered."""
    found = queries.get_source(source)
    run = service.create_import(source=found, mode=mode, dry_run=dry_run, file=file, now=clock.now())
    return _shown(run)


@bp.get("/sources/<source>/imports")
@auth(roles=CATALOG, scope=PUSH)
@refuses(SourceNotFound)
@query(PageIn)
@reply(SyncRunPageOut)
def list_imports(source: str, limit: int, cursor: str | None) -> dict[str, Any]:
    """The source's imports, the newest first."""
    return _runs(queries.RunFilter(source=queries.get_source(source)), limit=limit, cursor=cursor)


@bp.get("/sync-runs")
@auth(roles=CATALOG, scope=PUSH)
@refuses(SourceNotFound)
@query(SyncRunsIn)
@reply(SyncRunPageOut)
def list_runs(limit: int, cursor: str | None, source: str | None, **narrowed: Any) -> dict[str, Any]:
    """The imports of all sources, the newest first: by source, state, mode, dry run."""
    found = queries.get_source(source) if source else None
    return _runs(queries.RunFilter(source=found, **narrowed), limit=limit, cursor=cursor)


@bp.get("/sync-runs/<uuid:run_id>")
@auth(roles=CATALOG, scope=PUSH)
@refuses(RunNotFound)
@reply(SyncRunOut)
def get_run(run_id: UUID) -> dict[str, Any]:
    """How far an import is, what it counted, and why it is held or failed."""
    return _shown(queries.get_run(run_id))


@bp.post("/sync-runs/<uuid:run_id>/confirm")
@auth(roles=CATALOG)
@refuses(ImportNotHeld, RunNotFound)
@reply(SyncRunOut)
def confirm_run(run_id: UUID) -> dict[str, Any]:
    """Let a held import do what it was held for."""
    queries.get_run(run_id)
    return _shown(service.confirm_import(run_id=run_id, now=clock.now()))


@bp.post("/sync-runs/<uuid:run_id>/cancel")
@auth(roles=CATALOG)
@refuses(ImportUnderWay, RunNotFound)
@reply(SyncRunOut)
def cancel_run(run_id: UUID) -> dict[str, Any]:
    """Give up an import; what it has applied by then stays."""
    queries.get_run(run_id)
    return _shown(service.cancel_import(run_id=run_id, now=clock.now()))


@bp.get("/sync-runs/<uuid:run_id>/rejects")
@auth(roles=CATALOG, scope=PUSH)
@refuses(RunNotFound)
@query(RejectsIn)
@reply(RejectPageOut)
def list_run_rejects(run_id: UUID, format: str, limit: int, cursor: str | None) -> dict[str, Any] | Response:
    """Rows that were not taken, with line, field and reason; as CSV, all of them."""
    run = queries.get_run(run_id)
    if format == "csv":
        rows = queries.list_rejects(source_id=run.source_id, run_id=run_id, after=None, limit=MAX_CSV_REJECTS)
        cells = [[row[column] for column in REJECT_COLUMNS] for row in rows]
        return as_file("csv", name=f"rejects-{run_id}", columns=REJECT_COLUMNS, rows=cells)
    return _rejects(run.source_id, run_id, limit, cursor)


@bp.get("/sources/<source>/rejects")
@auth(roles=CATALOG, scope=PUSH)
@refuses(SourceNotFound)
@query(PageIn)
@reply(RejectPageOut)
def list_push_rejects(source: str, limit: int, cursor: str | None) -> dict[str, Any]:
    """Items of pushed batches, and products of webhooks, that were not taken."""
    return _rejects(queries.get_source(source).id, None, limit, cursor)


@bp.get("/sources/<source>/reconciliation")
@auth(roles=CATALOG, scope=PUSH)
@refuses(SourceNotFound)
@report
@reply(ReconciliationOut)
def get_reconciliation(source: str) -> dict[str, Any]:
    """Counts and checksums to compare with the source's own, and what its last dry run found to differ."""
    return queries.get_reconciliation(queries.get_source(source))


@bp.get("/sources/<source>/reconciliation/products")
@auth(roles=CATALOG, scope=PUSH)
@refuses(SourceNotFound)
@query(BucketIn)
@reply(BucketOut)
def list_bucket(source: str, bucket: str) -> dict[str, Any]:
    """The products of one bucket with version and digest, for finding which one differs."""
    return {"items": queries.list_bucket(queries.get_source(source), int(bucket, 16))}


def _runs(wanted: queries.RunFilter, *, limit: int, cursor: str | None) -> dict[str, Any]:
    return page(
        lambda after, n: [_shown(run) for run in queries.list_runs(wanted, after, n)],
        name=f"sync-runs {wanted.source and wanted.source.code}",
        cursor=cursor,
        limit=limit,
        key=lambda row: [str(row["id"])],
    )


def _shown(run: SyncRun) -> dict[str, Any]:
    shown = {name: getattr(run, name) for name in RUN_FIELDS}
    done = sum(shown[name] for name in ("created", "updated", "unchanged", "stale"))
    return {**shown, "source": queries.get_source_by_id(run.source_id).code, "applied": 0 if run.dry_run else done}


def _rejects(source_id: UUID, run_id: UUID | None, limit: int, cursor: str | None) -> dict[str, Any]:
    return page(
        lambda after, n: queries.list_rejects(source_id=source_id, run_id=run_id, after=after, limit=n),
        name=f"rejects {source_id} {run_id}",
        cursor=cursor,
        limit=limit,
        key=lambda row: [row["id"]],
    )
