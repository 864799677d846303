"""What the audit log needs in the background."""

from kit import audit
from kit.jobs import job


@job(queue="bulk", units="one", cron="0 3 * * *")
def make_months() -> None:
    """Partitions for this month and the next ones; safe to run again."""
    audit.make_months()
