"""Housekeeping of sign-ins."""

from datetime import timedelta

from kit import clock
from staff import service

KEPT = timedelta(days=30)


def purge_sessions() -> None:
    """Forget sign-ins that ended more than KEPT ago; safe to run again."""
    service.purge_sessions(ended_before=clock.now() - KEPT)
