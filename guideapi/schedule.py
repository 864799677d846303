"""Every recurring job, in one table; times are UTC."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Recurring:
    """A job without arguments, every `seconds` or at a cron line."""

    job: str
    queue: str
    seconds: int | None = None
    cron: str | None = None


SCHEDULE: tuple[Recurring, ...] = (
    Recurring(job="staff.jobs:reseal_secrets", queue="bulk", cron="5 20 * * *"),
    Recurring(job="catalog.jobs:reseal_secrets", queue="bulk", cron="6 20 * * *"),
    Recurring(job="integrations.jobs:reseal_secrets", queue="bulk", cron="7 20 * * *"),
    Recurring(job="customers.jobs:reseal_all", queue="bulk", cron="8 20 * * *"),
    Recurring(job="clienteling.jobs:reseal_notes", queue="bulk", cron="9 20 * * *"),
    Recurring(job="staff.jobs:purge_sessions", queue="bulk", cron="20 3 * * *"),
    Recurring(job="catalog.jobs:fetch_images", queue="bulk", seconds=20),
    Recurring(job="catalog.jobs:resume_imports", queue="default", seconds=30),
    Recurring(job="catalog.jobs:forget_imports", queue="bulk", cron="10 19 * * *"),
    Recurring(job="clienteling.jobs:forget_notes", queue="bulk", seconds=3600),
    # Two in the morning in China, where the day just ended has this date.
    Recurring(job="clienteling.jobs:rebuild_figures", queue="bulk", cron="10 18 * * *"),
    Recurring(job="clienteling.jobs:forget_people", queue="bulk", cron="50 19 * * *"),
    Recurring(job="commissions.jobs:post_changed_orders", queue="default", seconds=10),
    Recurring(job="commissions.jobs:sweep_orders", queue="bulk", cron="30 18 * * *"),
    Recurring(job="customers.jobs:complete_transfers", queue="default", seconds=60),
    Recurring(job="integrations.jobs:derive_deliveries", queue="default", seconds=5),
    Recurring(job="integrations.jobs:deliver_due", queue="default", seconds=15),
    Recurring(job="kit.audit:make_months", queue="bulk", cron="0 3 * * *"),
    Recurring(job="content_center.jobs:add_touch_months", queue="bulk", cron="20 19 * * *"),
    Recurring(job="kit.web.idempotency:purge", queue="bulk", seconds=3600),
    Recurring(job="performance.jobs:close_stale_days", queue="default", seconds=30),
    # 00:10 in China, and again for stores west of it, whose day ends hours later.
    Recurring(job="performance.jobs:close_days", queue="default", cron="10 4,10,16,22 * * *"),
)
