"""Housekeeping of sign-ins."""

from datetime import timedelta

from kit import clock
from staff import service

KEPT = timedelta(days=30)


def purge_sessions() -> None:
    """Forget sign-ins that ended more than KEPT ago; safe to run again."""
    service.purge_sessions(ended_before=clock.now() - KEPT)


def reseal_secrets() -> None:
    """Seal authenticator secrets with the newest key; safe to run again."""
    after = service.reseal_secrets()
    while after is not None:
        after = service.reseal_secrets(after=after)
