"""Codes to sign in with, and housekeeping of sign-ins."""

from datetime import timedelta
from functools import partial
from uuid import UUID

from kit import clock
from kit.db import unit_of_work
from kit.jobs import job
from kit.resealing import reseal_all
from staff import service

KEPT = timedelta(days=30)


@job(queue="urgent", units="own")
def send_sign_in_code(*, challenge_id: str) -> None:
    """Send somebody the code that was asked for; tried again with another code when it could not be handed over."""
    asked = UUID(challenge_id)
    with unit_of_work():
        message = service.prepare_code(asked, now=clock.now())
    if message is None:
        return
    service.deliver_code(message)
    with unit_of_work():
        service.settle_code(asked, now=clock.now())


@job(queue="urgent", units="one", every=15)
def send_owed_codes() -> None:
    """Queue again what was asked for and not sent; safe to run again."""
    service.queue_owed_codes(now=clock.now())


@job(queue="bulk", units="one", cron="20 3 * * *")
def purge_sessions() -> None:
    """Forget sign-ins that ended more than KEPT ago, with the grants given in them, and expired codes.

    Safe to run again.
    """
    service.purge_sessions(ended_before=clock.now() - KEPT)
    service.forget_codes(expired_before=clock.now())


@job(queue="bulk", units="own", cron="5 20 * * *")
def reseal_secrets() -> None:
    """Seal authenticator secrets with the newest key; safe to run again."""
    for what in service.RESEALED:
        reseal_all(partial(service.reseal_secrets, what))


@job(queue="bulk", units="one", cron="40 19 * * *")
def seed_calendars() -> None:
    """Add the years of business calendars that were decreed since; safe to run again."""
    service.seed_calendars()


@job(queue="urgent", units="one", every=60)
def move_homes() -> None:
    """Let those whose placement begins or ends with the day be in its store; safe to run again."""
    service.move_homes(now=clock.now())


@job(queue="bulk", units="one", cron="35 19 * * *")
def move_all_homes() -> None:
    """The same of everybody, after days on which no worker ran; safe to run again."""
    service.move_homes(now=clock.now(), everybody=True)
