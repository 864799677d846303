"""Plans, and the posting of what is owed."""

from commissions.service.plans import PlanExists, acknowledge_version, add_version, approve_version, create_plan
from commissions.service.posting import find_days_owed, post_day, post_orders, post_recent_orders

__all__ = [
    "PlanExists",
    "acknowledge_version",
    "add_version",
    "approve_version",
    "create_plan",
    "find_days_owed",
    "post_day",
    "post_orders",
    "post_recent_orders",
]
