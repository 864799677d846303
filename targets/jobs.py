"""Background work of targets."""

from kit import clock
from kit.jobs import job
from targets.service.absences import follow_leave
from targets.service.shares import follow_people


@job(queue="default", units="one", cron="5 * * * *")
def follow_people_of_stores() -> None:
    """Share the targets of the days left among who is there now, and not on leave; safe to run again."""
    now = clock.now()
    follow_people(now=now)
    follow_leave(now=now)
