"""All reads of the commissions room."""

from commissions.queries.entries import list_entries
from commissions.queries.fitting import list_idle_rules
from commissions.queries.owing import (
    count_owed_orders,
    list_changed_days,
    list_days_owed,
    list_days_owed_again,
    list_owed_orders,
    lock_orders,
    settled_until,
    take_owed_orders,
)
from commissions.queries.paid import get_version_paying, list_paid, list_paying
from commissions.queries.periods import get_period, list_periods
from commissions.queries.plans import (
    VERSIONS_LOCK,
    get_plan,
    get_version,
    has_approved_version_since,
    list_plans,
    lock_plan,
    lock_version,
    plan_of,
)
from commissions.queries.projected import list_projected
from commissions.queries.summary import summarise

__all__ = [
    "VERSIONS_LOCK",
    "count_owed_orders",
    "get_period",
    "get_plan",
    "get_version",
    "get_version_paying",
    "has_approved_version_since",
    "list_changed_days",
    "list_days_owed",
    "list_days_owed_again",
    "list_entries",
    "list_idle_rules",
    "list_owed_orders",
    "list_paid",
    "list_paying",
    "list_periods",
    "list_plans",
    "list_projected",
    "lock_orders",
    "lock_plan",
    "lock_version",
    "plan_of",
    "settled_until",
    "summarise",
    "take_owed_orders",
]
