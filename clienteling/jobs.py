"""What the clienteling room does in the background."""

from uuid import UUID

from clienteling import service
from kit import clock
from kit.jobs import enqueue, job


@job(queue="bulk", units="one", every=3600)
def forget_notes() -> None:
    """Take away the follow-up notes about those who were erased; safe to run again."""
    service.forget_notes()


@job(queue="bulk", units="one", cron="9 20 * * *")
def reseal_notes(*, after: str = "") -> None:
    """Seal a page of notes anew, with the newest key, and go on with the next one; safe to run again."""
    last = service.reseal_notes(after=UUID(after) if after else None)
    if last is not None:
        enqueue(reseal_notes, after=str(last))


@job(queue="bulk", units="one", cron="10 18 * * *")
def rebuild_figures() -> None:
    """Compute everybody's figures as of today (UTC); safe to run again."""
    now = clock.now()
    service.rebuild_figures(as_of=now.date(), now=now)


@job(queue="default", units="one")
def refresh_figures() -> None:
    """Compute the figures of those whom something touched, or everybody's on a new day; safe to run again."""
    now = clock.now()
    service.refresh_figures(as_of=now.date(), now=now)


@job(queue="bulk", units="one", cron="50 19 * * *")
def forget_people() -> None:
    """Forget those with whom there was nothing for RETENTION_MONTHS; goes on until none is left."""
    if service.forget_people(now=clock.now()):
        enqueue(forget_people)
