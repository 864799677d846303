"""What the clienteling room does in the background."""

from uuid import UUID

from clienteling import service
from kit import clock, jobs


def forget_notes() -> None:
    """Take away the follow-up notes about those who were erased; safe to run again."""
    service.forget_notes()


def reseal_notes(*, after: str = "") -> None:
    """Seal a page of notes anew, with the newest key, and go on with the next one; safe to run again."""
    last = service.reseal_notes(after=UUID(after) if after else None)
    if last is not None:
        jobs.enqueue("clienteling.jobs:reseal_notes", queue="bulk", after=str(last))


def rebuild_figures() -> None:
    """Compute everybody's figures as of today (UTC); safe to run again."""
    now = clock.now()
    service.rebuild_figures(as_of=now.date(), now=now)


def refresh_figures() -> None:
    """Compute the figures of those whom something touched, or everybody's on a new day; safe to run again."""
    now = clock.now()
    service.refresh_figures(as_of=now.date(), now=now)


def forget_people() -> None:
    """Forget those with whom there was nothing for RETENTION_MONTHS; goes on until none is left."""
    if service.forget_people(now=clock.now()):
        jobs.enqueue("clienteling.jobs:forget_people", queue="bulk")
