"""Background entry points of the catalog room."""

from uuid import UUID

from catalog import queries, service
from catalog.formats import read_items
from catalog.formats.mapped import ColumnMapping
from catalog.formats.pieces import BrokenFile
from kit import clock, storage
from kit.db import unit_of_work
from kit.jobs import job
from kit.resealing import reseal_all
from models import Source, SyncRun

PICTURES_PER_ROUND = 40
PICTURE_ROUNDS = 5


@job(queue="bulk", units="own")
def run_import(*, run_id: str) -> None:
    """Carry an import on from wherever it is, each step a unit of work of its own; safe to run again."""
    with unit_of_work():
        run = service.take_on(UUID(run_id))
        source = queries.get_source_by_id(run.source_id) if run else None
    if run is None or source is None:
        return
    try:
        if run.state == "reading":
            _read(run, source)
        if run.state == "applying":
            _apply(run, source)
    except BrokenFile as reason:
        with unit_of_work():
            service.fail(run, reason)
    except service.Superseded:
        return


@job(queue="default", units="one", every=30)
def resume_imports() -> None:
    """Queue what a killed worker or a lost job left unfinished."""
    service.resume_stalled(now=clock.now())


@job(queue="bulk", units="one", cron="10 19 * * *")
def forget_imports() -> None:
    """Remove the files and rejected rows of imports that ended long ago."""
    service.forget_old(now=clock.now())


@job(queue="bulk", units="own", every=20)
def fetch_images() -> None:
    """Fetch the pictures that are due, in rounds; nothing of the catalog waits for it."""
    for _ in range(PICTURE_ROUNDS):
        if service.fetch_due_pictures(limit=PICTURES_PER_ROUND) == 0:
            return


def _read(run: SyncRun, source: Source) -> None:
    mapping = ColumnMapping(**source.mapping)
    with storage.local_copy(run.file_key) as file:
        found = read_items(
            service.watched(run, file),
            file_format=source.format,
            mapping=mapping,
            currency=source.currency,
            at=run.created_at,
        )
        rows = service.staged(found, version=run.version)
        more = True
        while more:
            with unit_of_work():
                more = service.store_block(run, rows)
    with unit_of_work():
        service.settle(run, source)


def _apply(run: SyncRun, source: Source) -> None:
    with unit_of_work():
        service.take_names(run, source)
    more = True
    while more:
        with unit_of_work():
            more = service.apply_block(run, source)
    with unit_of_work():
        service.finish_import(run, source)


@job(queue="bulk", units="own", cron="6 20 * * *")
def reseal_secrets() -> None:
    """Seal the secrets of sources with the newest key; safe to run again."""
    reseal_all(service.reseal_secrets)
