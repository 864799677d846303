"""All reads of the commissions room."""

from commissions.queries.entries import list_entries, summarise
from commissions.queries.owing import count_owed_orders, list_days_owed, list_owed_orders, lock_orders, take_owed_orders
from commissions.queries.plans import (
    VERSIONS_LOCK,
    get_plan,
    get_version,
    has_approved_version_since,
    list_plans,
    lock_plan,
)

__all__ = [
    "VERSIONS_LOCK",
    "count_owed_orders",
    "get_plan",
    "get_version",
    "has_approved_version_since",
    "list_days_owed",
    "list_entries",
    "list_owed_orders",
    "list_plans",
    "lock_orders",
    "lock_plan",
    "summarise",
    "take_owed_orders",
]
