"""What the customers room does in the background."""

from uuid import UUID

from customers import service
from kit import clock
from kit.jobs import enqueue, job


@job(queue="default", units="one", every=60)
def complete_transfers() -> None:
    """Hand over the customers whose time to refuse is up; safe to run again."""
    service.complete_transfers(now=clock.now())


@job(queue="bulk", units="one", cron="8 20 * * *")
def reseal_all() -> None:
    """Begin to seal anew what older keys sealed; safe to run again."""
    for what in service.RESEALED:
        enqueue(reseal, once_key=what, what=what)


@job(queue="bulk", units="one")
def reseal(*, what: str, after: str = "") -> None:
    """Seal a page anew and go on with the next one."""
    last = service.reseal_customers(what, after=UUID(after) if after else None)
    if last is not None:
        enqueue(reseal, what=what, after=str(last))


@job(queue="bulk", units="own", cron="50 18 2 * *")
def forget_contacts() -> None:
    """Remove contacts, and consents that later ones replaced, once they are old; safe to run again."""
    service.forget_contacts(now=clock.now())
    service.forget_consents(now=clock.now())
