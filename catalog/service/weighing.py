"""What a staged file would do, before it does it."""

from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from catalog.rules import REFUSALS
from catalog.service.judging import block_of, prepare
from catalog.service.merge import decide
from catalog.service.quotas import MAX_REJECTS_KEPT
from kit.db import db, execute_anew, fetch_all, fetch_one
from kit.words import say
from models import Source, SyncDrift, SyncReject, SyncRun

GUARD_MINIMUM = 20
MAX_DRIFT = 10_000
# In what a product may differ from the file; `unchanged` is no difference.
DRIFTS = ("created", "updated", "stale", "rejected", "off_shelved")
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
# What a block was found to do is kept for the next ones; its content would be half the file in memory.
FORGET_CONTENT = text("UPDATE judged SET content = NULL WHERE content IS NOT NULL")
LAST_JUDGED = text("SELECT max(item_no) FROM judged WHERE item_no > :after")
COUNT_JUDGED = text("SELECT outcome, count(*) AS number FROM judged GROUP BY outcome")
DIFFERING = text(f"""
SELECT external_id, outcome AS kind FROM judged WHERE outcome <> 'unchanged' ORDER BY external_id LIMIT {MAX_DRIFT}
""")  # noqa: S608 - built from constants
OFF_SHELVED = text(f"""
SELECT p.external_id, 'off_shelved' AS kind, count(*) OVER () AS number FROM product p
WHERE p.shelf_status IN ('on_shelf', 'presale') AND {MISSING} ORDER BY external_id LIMIT {MAX_DRIFT}
""")  # noqa: S608 - built from constants
REJECTED = text(f"""
SELECT item_no AS line_no, external_id, code FROM judged
WHERE outcome = 'rejected' AND item_no > :after ORDER BY item_no LIMIT {MAX_REJECTS_KEPT}
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


class Foretold(NamedTuple):
    """What a run would do: products by outcome, what differs, and what would be rejected."""

    counts: dict[str, int]
    drift: list[dict[str, Any]]
    rejects: list[dict[str, Any]]


def foretell(run: SyncRun, source: Source) -> Foretold:
    """What the run would do, judged block by block as it does that itself; the caller rolls it back."""
    db.session.execute(AS_WHOLE)
    off_shelved = list(fetch_all(OFF_SHELVED, _parameters(run))) if run.mode == "snapshot" else []
    prepare()
    last: int | None = 0
    while last is not None:
        decide(source=source, block=block_of(run, after=last))
        # What a rejected item would have dropped is not free for the next blocks.
        keep_rejects(run, list_rejected(after=last))
        execute_anew(FORGET_CONTENT)
        last = db.session.scalar(LAST_JUDGED, {"after": last})
    counts = {row["outcome"]: row["number"] for row in fetch_all(COUNT_JUDGED)}
    counts |= {row["kind"]: row.pop("number") for row in off_shelved}
    drift = sorted([*fetch_all(DIFFERING), *off_shelved], key=itemgetter("external_id"))[:MAX_DRIFT]
    return Foretold(counts, drift, list_rejected(after=0))


def keep_foretold(run: SyncRun, foretold: Foretold) -> None:
    """Keep what differs and what would be rejected, for people to see."""
    keep_rejects(run, foretold.rejects)
    drift = foretold.drift
    if drift:
        rows = [{"run_id": run.id, **row} for row in drift]
        db.session.execute(insert(SyncDrift).on_conflict_do_nothing(), rows)


def list_rejected(*, after: int) -> list[dict[str, Any]]:
    """Which items were judged to be rejected, and why."""
    return [{**row, "said": REFUSALS[row["code"]]} for row in fetch_all(REJECTED, {"after": after})]


def keep_rejects(run: SyncRun, rejects: list[dict[str, Any]]) -> None:
    """Keep what was not taken, for people to see."""
    if rejects:
        rows = [{"source_id": run.source_id, "run_id": run.id, **reject} for reject in rejects]
        db.session.execute(insert(SyncReject), rows)


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
