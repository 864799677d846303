"""What the content center does by itself."""

from content_center import service
from kit import clock
from kit.jobs import job


@job(queue="bulk", units="one", cron="20 19 * * *")
def add_months() -> None:
    """Partitions of forwards and touches for the months to come; safe to run again."""
    service.add_months(now=clock.now())
