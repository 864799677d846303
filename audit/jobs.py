"""What the audit log needs in the background."""

from kit import audit
from kit.jobs import job


@job(queue="bulk", units="one", cron="0 3 * * *")
def make_months() -> None:
    """Partitions for this month and the next ones; safe to run again."""
    audit.make_months()


@job(queue="bulk", units="one", cron="20 3 * * *")
def forget_months() -> None:
    """Drop the months of the log that are older than AUDIT_MONTHS; safe to run again."""
    audit.forget_months()
