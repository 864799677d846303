"""File imports: asked for, read, weighed, perhaps held, applied in blocks.

A run is a sequence of units of work, each of which leaves the run's row telling how far it is. Whoever takes a run on
raises `attempt`, and every later step holds its own against it: of two runners, the earlier one stops. Killed at any
moment, a run is taken on again from where the row says (`resume_stalled`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from os import SEEK_END
from typing import Any, BinaryIO
from uuid import UUID

from sqlalchemy import delete, func, select, update

from catalog import queries
from catalog.formats import (
    FORMATS_IN_PIECES,
    FORMATS_WITH_NAMES,
    FORMATS_WITH_NUMBERED_PARENTS,
    FORMATS_WITH_SHARED_CODES,
)
from catalog.formats.pieces import BadRow, BrokenFile
from catalog.rules.states import RUN_MOVES, UNDER_WAY
from catalog.service import apart, renaming, staging, weighing
from catalog.service.quotas import check_quota, trim_rejects
from catalog.service.retiring import check_not_retired
from catalog.service.staging import StagedItem
from catalog.service.watching import Superseded, watch
from kit import clock, jobs, storage
from kit.db import after_commit, db, rehearsal
from kit.errors import Conflict, Invalid
from kit.ids import new_id
from kit.moves import state_after, states_before
from kit.words import say
from models import Source, SyncItem, SyncReject, SyncRun

MAX_REJECTS = 10_000
READ_BLOCK = 20_000
STALLED_AFTER = timedelta(seconds=90)
# What nobody has finished after this time is taken for abandoned, and its staging is cleared.
KEPT_FOR = timedelta(days=30)
COUNTERS = ("rows_read", "items", "unversioned", "applied_to", "created", "updated", "unchanged", "stale", "rejected")
# Reading that broke off so often, by whatever it was, will not end otherwise.
MAX_ATTEMPTS = 10


class ImportNotHeld(Conflict):
    """Only a held import can be confirmed."""

    code = "import_not_held"


class ImportUnderWay(Conflict):
    """What is over cannot be cancelled."""

    code = "import_under_way"


class EmptyUpload(Invalid):
    """The body holds no file."""

    code = "empty_upload"


@dataclass(frozen=True, kw_only=True)
class StoredFile:
    """A file of products that was kept for an import to come."""

    run_id: UUID
    key: str
    size_bytes: int


def store_upload(content: BinaryIO) -> StoredFile:
    """Keep the file of an import; touches no database. Raises EmptyUpload."""
    size_bytes = content.seek(0, SEEK_END)
    if size_bytes == 0:
        raise EmptyUpload
    content.seek(0)
    run_id = new_id()
    file = StoredFile(run_id=run_id, key=f"imports/{run_id}", size_bytes=size_bytes)
    storage.put_file(file.key, content)
    return file


def create_import(*, source: Source, mode: str, dry_run: bool, file: StoredFile, now: datetime) -> SyncRun:
    """Queue the import of a file that was kept; raises TooManyImports, UploadQuotaReached, SourceRetired."""
    check_not_retired(source)
    check_quota(source, size_bytes=file.size_bytes, now=now)
    run = SyncRun(
        id=file.run_id,
        source_id=source.id,
        mode=mode,
        dry_run=dry_run,
        state="queued",
        file_key=file.key,
        file_bytes=file.size_bytes,
        version=int(now.timestamp() * 1000),
        created_at=now,
        updated_at=now,
    )
    db.session.add(run)
    db.session.flush()
    _enqueue(run.id)
    return queries.get_run(run.id)


def confirm_import(*, run_id: UUID, now: datetime) -> SyncRun:
    """Let a held import do what it was held for; raises ImportNotHeld."""
    if not _move(run_id, "confirm", confirmed=True, updated_at=now):
        raise ImportNotHeld
    _enqueue(run_id)
    return queries.get_run(run_id)


def cancel_import(*, run_id: UUID, now: datetime) -> SyncRun:
    """Give up an import; what it has applied by then stays, and its counts tell. Raises ImportUnderWay."""
    if not _move(run_id, "cancel", updated_at=now, finished_at=now):
        raise ImportUnderWay
    db.session.execute(delete(SyncItem).where(SyncItem.run_id == run_id))
    return queries.get_run(run_id)


def take_on(run_id: UUID) -> SyncRun | None:
    """The run, for its caller alone to carry on with, or None when there is nothing to do."""
    run = db.session.scalar(
        select(SyncRun).where(SyncRun.id == run_id).with_for_update().execution_options(populate_existing=True)
    )
    if run is None or (run.state, "read") not in RUN_MOVES:
        return None
    run.attempt += 1
    run.updated_at = clock.now()
    if run.state == "reading" and run.attempt > MAX_ATTEMPTS:
        db.session.flush()
        fail(run, BrokenFile(say("given_up", times=MAX_ATTEMPTS)))
        return None
    if run.state != "applying" or not weighing.is_staged(run):
        _start_over(run)
    db.session.flush()
    return run


def _start_over(run: SyncRun) -> None:
    """What was read is read again: half a file tells nothing, and an empty staging table would name no product."""
    db.session.execute(delete(SyncItem).where(SyncItem.run_id == run.id))
    db.session.execute(delete(SyncReject).where(SyncReject.run_id == run.id))
    run.state = RUN_MOVES[run.state, "read"]
    for counter in COUNTERS:
        setattr(run, counter, 0)


def store_block(run: SyncRun, rows: Iterator[StagedItem | BadRow]) -> bool:
    """Keep the next rows as they are read; answers whether there were any.

    Raises Superseded, or BrokenFile when too much is unusable.
    """
    stored = staging.store(run, islice(rows, READ_BLOCK))
    read = stored.items + stored.bad
    step(
        run,
        rows_read=SyncRun.rows_read + read,
        items=SyncRun.items + stored.items,
        unversioned=SyncRun.unversioned + stored.unversioned,
        rejected=SyncRun.rejected + stored.bad,
    )
    run.rejected += stored.bad
    if run.rejected > MAX_REJECTS:
        raise BrokenFile(say("too_many_rejects", max=MAX_REJECTS))
    return read > 0


def settle(run: SyncRun, source: Source) -> None:
    """Put pieces together, weigh what the file would do, and go on to apply it, hold it, or be done (dry run).

    A product of which a row cannot be used stays as it was.
    """
    _put_together(run, source)
    db.session.refresh(run)
    with rehearsal():
        take_names(run, source)
        verdict = weighing.weigh(run)
        foretold = weighing.foretell(run, source) if run.dry_run else None
    if not run.items and (verdict.get("missing") or not staging.names_products(run)):
        raise BrokenFile(say("nothing_usable"))
    if foretold:
        weighing.keep_foretold(run, foretold)
        counts = {name: getattr(SyncRun, name) + number for name, number in foretold.counts.items()}
        finish(run, **counts, **verdict)
    elif "problem" in verdict and not run.confirmed:
        step(run, command="hold", **verdict)
    else:
        step(run, command="apply", missing=verdict.get("missing"))
    db.session.refresh(run)


def _put_together(run: SyncRun, source: Source) -> None:
    in_pieces = source.format in FORMATS_IN_PIECES
    labelled = source.format in FORMATS_WITH_SHARED_CODES
    if source.format in FORMATS_WITH_NUMBERED_PARENTS:
        staging.name_parents(run)
    # Of a spreadsheet the bad row tells; a whole item that is left out for another one is told, too.
    bad = staging.drop_incomplete(run, tell=not in_pieces) if run.rejected else 0
    if in_pieces:
        bad += staging.put_together(run, watch(run), labelled=labelled)
    if labelled:
        apart.set_apart(run)
    stale = staging.drop_repeated(run)
    if in_pieces or run.rejected or stale:
        step(run, rejected=SyncRun.rejected + bad, stale=SyncRun.stale + stale, **_count_items(run))


def take_names(run: SyncRun, source: Source) -> None:
    """Let products go by the names that the file gives them, where names may change."""
    if source.format in FORMATS_WITH_NAMES:
        renaming.rename_products(run)


def _count_items(run: SyncRun) -> dict[str, Any]:
    unversioned = func.count().filter(SyncItem.version == run.version)
    found = db.session.execute(select(func.count(), unversioned).where(SyncItem.run_id == run.id)).one()
    return dict(zip(("items", "unversioned"), found, strict=True))


def fail(run: SyncRun, reason: BrokenFile) -> None:
    """End the run with the reason; nothing of it was applied."""
    finish(run, command="fail", problem_code=reason.code, problem=reason.said)


def finish(run: SyncRun, *, command: str = "finish", **changes: object) -> None:
    """End the run, and drop what it had staged."""
    step(run, command=command, finished_at=clock.now(), **changes)
    db.session.execute(delete(SyncItem).where(SyncItem.run_id == run.id))


def step(run: SyncRun, *, command: str | None = None, **changes: Any) -> None:
    """Note how far the run is, and move it by `command`; raises Superseded when it is no longer this runner's."""
    noted: dict[str, Any] = {"attempt": run.attempt, "updated_at": clock.now(), **changes}
    if not (_change(run.id, states=UNDER_WAY, **noted) if command is None else _move(run.id, command, **noted)):
        raise Superseded


def resume_stalled(*, now: datetime) -> None:
    """Queue again every import that nobody has carried on for a while: its worker was killed, or its job lost."""
    stalled = select(SyncRun.id).where(
        SyncRun.state.in_(states_before(RUN_MOVES, "read")), SyncRun.updated_at < now - STALLED_AFTER
    )
    for run_id in db.session.scalars(stalled):
        _enqueue(run_id)


def forget_old(*, now: datetime) -> None:
    """Remove files and rejected rows that are older than KEPT_FOR, or beyond the quota; the runs themselves stay."""
    old = now - KEPT_FOR
    for source_id in db.session.scalars(select(Source.id)):
        trim_rejects(source_id)
    db.session.execute(delete(SyncReject).where(SyncReject.created_at < old))
    ended = select(SyncRun.file_key).where(SyncRun.finished_at.between(old - KEPT_FOR, old))
    for file_key in db.session.scalars(ended):
        # The file goes once the transaction is over: storage may be far away.
        after_commit(lambda key=file_key: storage.delete(key))  # type: ignore[misc]


def _move(run_id: UUID, command: str, **changes: Any) -> bool:
    """Whether the run was in a state in which the command is possible; if so it is in the next one."""
    return _change(run_id, states=states_before(RUN_MOVES, command), state=state_after(RUN_MOVES, command), **changes)


def _change(run_id: UUID, *, states: Sequence[str], attempt: int | None = None, **changes: Any) -> bool:
    condition = (SyncRun.id == run_id) & SyncRun.state.in_(states)
    if attempt is not None:
        condition &= SyncRun.attempt == attempt
    statement = update(SyncRun).where(condition).values(changes).returning(SyncRun.id)
    changed = db.session.scalar(statement, execution_options={"synchronize_session": False})
    return changed is not None


def _enqueue(run_id: UUID) -> None:
    jobs.enqueue("catalog.jobs:run_import", once_key=str(run_id), run_id=str(run_id))
