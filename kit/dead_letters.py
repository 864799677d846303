"""Jobs that failed at their last attempt: kept in the database, where an operator lists them and has them run again.

A job that fails again and again with the same arguments is one dead letter, with a count. It holds no personal data:
arguments are ids and dates, and of an error's message only what names no value is kept.
"""

import logging
import re
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text

from kit import audit, clock, jobs
from kit.db import after_commit, db, fetch_all, fetch_one, unit_of_work
from kit.errors import Conflict, NotFound
from kit.ids import new_id
from kit.jobs import FailedJob, job

log = logging.getLogger(__name__)

KEPT_FOR = timedelta(days=90)
MAX_ERROR = 300
# Whose messages help without their values: the database's, Redis's and those of the machinery of jobs.
TELLING = ("sqlalchemy.", "psycopg.", "redis.", "rq.")
FRAME = re.compile(r'  File "(?P<path>[^"]+)", line (?P<line>\d+), in (?P<function>\S+)')
# Names of constraints are kept, other quotations, numbers, addresses and whatever is not ASCII are not.
VALUE = re.compile(r"""(?P<constraint>"(?:ck|fk|ix|pk|uq)_\w+")|"[^"]*"?|'[^']*'?|\S+@\S+|\d+|[^\x00-\x7f]+""")

COLUMNS = "id, job, arguments, attempts, failures, error, first_failed_at, last_failed_at, retried_at"
RECORD = text("""
INSERT INTO dead_letter (id, job, arguments, attempts, failures, error, first_failed_at, last_failed_at)
VALUES (:id, :job, CAST(:arguments AS jsonb), :attempts, 1, :error, :failed_at, :failed_at)
ON CONFLICT (job, arguments) DO UPDATE
SET attempts = excluded.attempts, failures = dead_letter.failures + 1, error = excluded.error,
    last_failed_at = excluded.last_failed_at, retried_at = NULL
WHERE dead_letter.last_failed_at < excluded.last_failed_at
""")
LIST = text(f"""
SELECT {COLUMNS} FROM dead_letter
WHERE (retried_at IS NOT NULL) = :retried
  AND (CAST(:at AS timestamptz) IS NULL OR (last_failed_at, id) < (CAST(:at AS timestamptz), CAST(:id AS uuid)))
ORDER BY last_failed_at DESC, id DESC LIMIT :limit
""")  # noqa: S608 - constants
LOCK = text(f"SELECT {COLUMNS} FROM dead_letter WHERE id = :id FOR UPDATE")  # noqa: S608 - constants
SET_RETRIED = text(f"UPDATE dead_letter SET retried_at = :now WHERE id = :id RETURNING {COLUMNS}")  # noqa: S608
COUNT = text("SELECT count(*) AS count FROM dead_letter WHERE retried_at IS NULL")
FORGET = text("DELETE FROM dead_letter WHERE last_failed_at < :before")


class DeadLetterNotFound(NotFound):
    """There is no such dead letter."""

    code = "dead_letter_not_found"


class DeadLetterRetried(Conflict):
    """It was queued again and has not failed since."""

    code = "dead_letter_retried"


class JobGone(Conflict):
    """This version of the program has no such job any more, or it takes other arguments."""

    code = "job_gone"


@job(queue="default", units="own", every=15)
def collect() -> None:
    """Keep what failed at its last attempt since last time, each by itself; safe to run again."""
    for failed in jobs.list_failed():
        try:
            with unit_of_work():
                _record(failed)
                after_commit(partial(jobs.forget_failed, failed))
        except Exception:
            # It stays with RQ, and the next run meets it again.
            log.exception("the failed job %s could not be kept", failed.id)


@job(queue="bulk", units="one", cron="40 19 * * *")
def forget_old() -> None:
    """Remove dead letters that have not failed for KEPT_FOR."""
    db.session.execute(FORGET, {"before": clock.now() - KEPT_FOR})


def list_letters(*, retried: bool, after: list[Any] | None, limit: int) -> list[dict[str, Any]]:
    """Those that wait for an operator, or those `retried` since; the latest first, past the key `after` (time, id)."""
    at, last_id = after or (None, None)
    return list(fetch_all(LIST, {"retried": retried, "at": at, "id": last_id, "limit": limit}))


def count_letters() -> int:
    """How many wait for an operator."""
    row = fetch_one(COUNT)
    return int(row["count"]) if row else 0


def retry(letter_id: UUID, *, now: datetime) -> dict[str, Any]:
    """Queue the job once more; raises DeadLetterNotFound, DeadLetterRetried, JobGone."""
    letter = fetch_one(LOCK, {"id": letter_id})
    if letter is None:
        raise DeadLetterNotFound
    if letter["retried_at"] is not None:
        raise DeadLetterRetried
    try:
        jobs.enqueue(letter["job"], **letter["arguments"])
    except (AttributeError, ImportError, KeyError, TypeError) as error:
        raise JobGone from error
    audit.note(table_name="dead_letter", row_id=str(letter_id), action="retried", job=letter["job"])
    return fetch_one(SET_RETRIED, {"id": letter_id, "now": now}) or letter


def _record(failed: FailedJob) -> None:
    row = {
        "id": new_id(),
        "job": failed.name,
        "arguments": orjson.dumps(failed.arguments).decode(),
        "attempts": failed.attempts,
        "error": summary(failed.traceback),
        "failed_at": failed.failed_at,
    }
    db.session.execute(RECORD, row)


def summary(traceback: str) -> str:
    """What went wrong and where, from a traceback as Python writes it, without values."""
    lines = traceback.splitlines()
    frames = [(number, match) for number, line in enumerate(lines) if (match := FRAME.match(line))]
    ours = [match for _, match in frames if "site-packages" not in match["path"]]
    rest = lines[frames[-1][0] + 1 :] if frames else lines
    name, _, message = next((line for line in rest if line and not line.startswith(" ")), "unknown").partition(": ")
    told = f": {VALUE.sub(_elided, message)}" if name.startswith(TELLING) else ""
    place = f" at {'/'.join(ours[-1]['path'].split('/')[-2:])}:{ours[-1]['line']}" if ours else ""
    return f"{name if frames else VALUE.sub(_elided, name)}{place}{told}"[:MAX_ERROR]


def _elided(match: re.Match[str]) -> str:
    return match["constraint"] or "…"
