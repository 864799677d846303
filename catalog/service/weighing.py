"""What a staged file would do, before it does it."""

from typing import Any

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from kit.db import db, fetch_all, fetch_one
from kit.words import say
from models import SyncDrift, SyncRun

GUARD_MINIMUM = 20
MAX_DRIFT = 10_000
# In what a product may differ from the file; `unchanged` is no difference.
DRIFTS = ("created", "updated", "stale", "off_shelved")
# All of a file beside all of a catalog, in memory. Nobody has counted what was staged a moment ago (to have it counted
# may wait for a vacuum of the last file): a plan made by guesses would go through one for each of the other.
AS_WHOLE = text("SET LOCAL enable_nestloop = off; SET LOCAL work_mem = '64MB'")

# A product counts as missing only if it was there, unchanged, when the file came in, and no bad row names it.
MISSING = """
p.source_id = :source_id AND p.updated_at <= :created_at
AND NOT EXISTS (SELECT FROM sync_item i WHERE i.run_id = :run_id AND i.external_id = p.external_id)
AND NOT EXISTS (SELECT FROM sync_reject r WHERE r.run_id = :run_id AND r.external_id = p.external_id)
"""
TAKE_DOWN = text("""
SELECT count(*) FILTER (WHERE missing) AS missing,
       count(*) FILTER (WHERE missing AND on_shelf) AS missing_on_shelf,
       count(*) FILTER (WHERE turned AND on_shelf) AS turned
FROM (
  SELECT p.shelf_status = 'on_shelf' AS on_shelf,
         i.external_id IS NULL AND r.external_id IS NULL AND p.updated_at <= :created_at AS missing,
         i.version >= p.source_version AND i.digest IS DISTINCT FROM p.content_digest AND NOT i.on_shelf AS turned
  FROM product p
  LEFT JOIN sync_item i ON i.run_id = :run_id AND i.external_id = p.external_id
  LEFT JOIN (SELECT DISTINCT external_id FROM sync_reject WHERE run_id = :run_id) r ON r.external_id = p.external_id
  WHERE p.source_id = :source_id AND p.shelf_status IN ('on_shelf', 'presale')
) weighed
""")
GUARD = text("""
SELECT count(*) AS on_shelf, (SELECT guard_bp FROM source WHERE id = :source_id) AS guard_bp
FROM product WHERE source_id = :source_id AND shelf_status = 'on_shelf'
""")
NAMELESS = text("SELECT count(*) AS rows FROM sync_reject WHERE run_id = :run_id AND external_id IS NULL")
DIFFERENCES = f"""
SELECT external_id, kind FROM (
  SELECT i.external_id,
    CASE WHEN p.id IS NULL THEN 'created'
         WHEN p.source_version >= 0 AND i.version < greatest(p.source_version, s.snapshot_version) THEN 'stale'
         WHEN i.digest = p.content_digest THEN 'unchanged' ELSE 'updated' END AS kind
  FROM sync_item i
  JOIN source s ON s.id = :source_id
  LEFT JOIN product p ON p.source_id = s.id AND p.external_id = i.external_id
  WHERE i.run_id = :run_id
  UNION ALL
  SELECT p.external_id, 'off_shelved' FROM product p
  WHERE :is_snapshot AND p.shelf_status IN ('on_shelf', 'presale') AND {MISSING}
) found
"""  # noqa: S608 - built from constants
COUNT_DIFFERENCES = text(f"SELECT kind, count(*) AS number FROM ({DIFFERENCES}) d GROUP BY kind")  # noqa: S608
DRIFT = text(f"""
SELECT external_id, min(kind) AS kind FROM ({DIFFERENCES}) d WHERE kind <> 'unchanged'
GROUP BY external_id ORDER BY external_id LIMIT {MAX_DRIFT}
""")  # noqa: S608 - built from constants


def weigh(run: SyncRun) -> dict[str, Any]:
    """How many products a snapshot does not name, `missing`, and why it should wait for a person, if it should.

    The reason comes as `problem_code` and `problem`. Of other files nothing is said.
    """
    if run.mode != "snapshot":
        return {}
    db.session.execute(AS_WHOLE)
    found = fetch_one(TAKE_DOWN, _parameters(run)) or {}
    return {"missing": found["missing"], **(_nameless(run) or _too_much(run, found))}


def _nameless(run: SyncRun) -> dict[str, Any]:
    rows = (fetch_one(NAMELESS, {"run_id": run.id}) or {})["rows"]
    if not rows:
        return {}
    return {"problem_code": "rows_nameless", "problem": say("rows_nameless", rows=rows)}


def _too_much(run: SyncRun, found: dict[str, Any]) -> dict[str, Any]:
    down = found["missing_on_shelf"] + found["turned"]
    if down <= GUARD_MINIMUM:
        return {}
    guard = fetch_one(GUARD, _parameters(run)) or {}
    limit = max(GUARD_MINIMUM, guard["on_shelf"] * guard["guard_bp"] // 10_000)
    if down <= limit:
        return {}
    counts = {"on_shelf": guard["on_shelf"], "missing": found["missing_on_shelf"], "turned": found["turned"]}
    problem = say("would_take_down", down=down, limit=limit, **counts)
    return {"problem_code": "would_take_down", "problem": problem}


def foretell(run: SyncRun) -> tuple[dict[str, int], list[dict[str, Any]]]:
    """How many products the file would create, update and so on; and what differs, product by product."""
    db.session.execute(AS_WHOLE)
    drift = list(fetch_all(DRIFT, _parameters(run)))
    rows = fetch_all(COUNT_DIFFERENCES, _parameters(run))
    return {row["kind"]: row["number"] for row in rows}, drift


def keep_drift(run: SyncRun, drift: list[dict[str, Any]]) -> None:
    """Keep what differs, for people to see."""
    if drift:
        rows = [{"run_id": run.id, **row} for row in drift]
        db.session.execute(insert(SyncDrift).on_conflict_do_nothing(), rows)


def is_staged(run: SyncRun) -> bool:
    """Whether all that was read is still there; a crash of the database empties the staging table."""
    found = db.session.scalar(text("SELECT count(*) FROM sync_item WHERE run_id = :run_id"), {"run_id": run.id})
    return bool(found == run.items)


def _parameters(run: SyncRun) -> dict[str, Any]:
    return {
        "run_id": run.id,
        "source_id": run.source_id,
        "created_at": run.created_at,
        "is_snapshot": run.mode == "snapshot",
    }
