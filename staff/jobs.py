"""Housekeeping of sign-ins."""

from datetime import timedelta
from functools import partial

from kit import clock
from kit.jobs import job
from kit.resealing import reseal_all
from staff import service

KEPT = timedelta(days=30)


@job(queue="bulk", units="one", cron="20 3 * * *")
def purge_sessions() -> None:
    """Forget sign-ins that ended more than KEPT ago, and the grants given in them; safe to run again."""
    service.purge_sessions(ended_before=clock.now() - KEPT)


@job(queue="bulk", units="own", cron="5 20 * * *")
def reseal_secrets() -> None:
    """Seal authenticator secrets with the newest key; safe to run again."""
    for what in service.RESEALED:
        reseal_all(partial(service.reseal_secrets, what))
