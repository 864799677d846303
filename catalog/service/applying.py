"""Staged files into the catalog, a block at a time."""

from sqlalchemy import text

from catalog.formats import FORMATS_WITH_NAMES
from catalog.service.imports import finish, step
from catalog.service.judging import block_of, lock_source, prepare
from catalog.service.merge import merge
from catalog.service.renaming import remember_ids
from catalog.service.weighing import AS_WHOLE, MISSING, keep_rejects, list_rejected
from kit import clock
from kit.db import db, execute_anew, fetch_all
from models import Source, SyncRun

COUNTS = text("SELECT outcome, count(*) AS number, max(item_no) AS last FROM judged GROUP BY outcome")
LOCK_MISSING = f"""
SELECT p.id FROM product p WHERE p.shelf_status IN ('on_shelf', 'presale') AND {MISSING}
ORDER BY p.id FOR NO KEY UPDATE
"""  # noqa: S608 - built from constants
# The tombstone holds against what is older; the digest goes, so that the same content later is a change.
TAKE_DOWN_MISSING = text(f"""
WITH missing AS ({LOCK_MISSING})
UPDATE product p
SET shelf_status = 'off_shelf', shelf_reason = 'missing_from_snapshot', content_digest = NULL, doubtful = false,
    source_version = CASE WHEN :versioned THEN p.source_version ELSE greatest(p.source_version, :version) END,
    shelf_changed_at = :now, updated_at = :now
FROM missing m WHERE p.id = m.id
""")  # noqa: S608 - built from constants
RAISE_FLOOR = text("UPDATE source SET snapshot_version = greatest(snapshot_version, :version) WHERE id = :source_id")


def apply_block(run: SyncRun, source: Source) -> bool:
    """Merge the next block of the run; False when there is none left. Raises Superseded."""
    prepare()
    merge(source=source, now=clock.now(), block=block_of(run, after=run.applied_to))
    if source.format in FORMATS_WITH_NAMES:
        remember_ids(run)
    found = fetch_all(COUNTS)
    if not found:
        return False
    last = max(row["last"] for row in found)
    counts = {row["outcome"]: row["number"] for row in found}
    if counts.get("rejected"):
        keep_rejects(run, list_rejected(after=run.applied_to))
    step(run, applied_to=last, **{name: getattr(SyncRun, name) + number for name, number in counts.items()})
    run.applied_to = last
    return True


def finish_import(run: SyncRun, source: Source) -> None:
    """Take down what a snapshot does not name, and end the run. Raises Superseded."""
    if run.mode != "snapshot":
        finish(run)
        return
    lock_source(source.id)
    # What was not missing when the file was weighed has been there since.
    taken_down = _take_down_missing(run) if run.missing else 0
    if run.unversioned:
        db.session.execute(RAISE_FLOOR, {"version": run.version, "source_id": source.id})
    finish(run, off_shelved=taken_down)


def _take_down_missing(run: SyncRun) -> int:
    db.session.execute(AS_WHOLE)
    parameters = {"run_id": run.id, "source_id": run.source_id, "created_at": run.created_at, "now": clock.now()}
    parameters |= {"version": run.version, "versioned": not run.unversioned}
    return execute_anew(TAKE_DOWN_MISSING, parameters).rowcount
