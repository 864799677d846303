"""What the customers room does in the background."""

from uuid import UUID

from customers import service
from kit import clock, jobs


def complete_transfers() -> None:
    """Hand over the customers whose time to refuse is up; safe to run again."""
    service.complete_transfers(now=clock.now())


def reseal_all() -> None:
    """Begin to seal anew what older keys sealed; safe to run again."""
    for what in service.RESEALED:
        jobs.enqueue("customers.jobs:reseal", queue="bulk", once_key=what, what=what)


def reseal(*, what: str, after: str = "") -> None:
    """Seal a page anew and go on with the next one."""
    last = service.reseal_customers(what, after=UUID(after) if after else None)
    if last is not None:
        jobs.enqueue("customers.jobs:reseal", queue="bulk", what=what, after=str(last))
