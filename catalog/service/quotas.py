"""How much a source may have kept of what it sends: files of imports, and rows that were not taken."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select, text

from catalog.rules.states import RUN_MOVES
from kit.db import db
from kit.errors import Conflict
from kit.moves import states_before
from kit.quotas import DAY_SECONDS, UploadQuotaReached
from kit.words import say
from models import Source, SyncRun

# Imports of one source that wait, are read, held or applied.
MAX_LIVE_RUNS = 10
# What a source may send in a day; its files are kept for thirty.
MAX_DAY_FILES = 500
MAX_DAY_BYTES = 20 * 1024**3
# Of one source, the newest so many rejected rows are kept.
MAX_REJECTS_KEPT = 50_000
LIVE_STATES = states_before(RUN_MOVES, "cancel")

TRIM = text("""
DELETE FROM sync_reject WHERE source_id = :source_id AND id <= (
  SELECT id FROM sync_reject WHERE source_id = :source_id ORDER BY id DESC OFFSET :kept LIMIT 1
)
""")


class TooManyImports(Conflict):
    """So many imports of the source are under way, or wait for confirmation, that another one has to wait."""

    code = "too_many_imports"


def check_quota(source: Source, *, size_bytes: int, now: datetime) -> None:
    """Refuse a further file of the source; raises TooManyImports, UploadQuotaReached."""
    mine = SyncRun.source_id == source.id
    live = db.session.scalar(select(func.count()).where(mine, SyncRun.state.in_(LIVE_STATES)))
    if (live or 0) >= MAX_LIVE_RUNS:
        raise TooManyImports(say("too_many_imports", live=live or 0, source=source.code, max=MAX_LIVE_RUNS))
    counted = select(func.count(), func.coalesce(func.sum(SyncRun.file_bytes), 0))
    files, sent_bytes = db.session.execute(counted.where(mine, SyncRun.created_at > now - timedelta(days=1))).one()
    if files >= MAX_DAY_FILES or sent_bytes + size_bytes > MAX_DAY_BYTES:
        said = say("upload_quota_reached", files=MAX_DAY_FILES, bytes=MAX_DAY_BYTES)
        raise UploadQuotaReached(said, retry_after_seconds=DAY_SECONDS)


def trim_rejects(source_id: UUID) -> None:
    """Forget the oldest rejected rows of a source beyond MAX_REJECTS_KEPT."""
    db.session.execute(TRIM, {"source_id": source_id, "kept": MAX_REJECTS_KEPT})
