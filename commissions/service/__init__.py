"""Plans, and the posting of what is owed."""

from commissions.service.closing import approve_period, begin_closing, close_period, project_period
from commissions.service.periods import create_period
from commissions.service.plans import PlanExists, acknowledge_version, add_version, approve_version, create_plan
from commissions.service.posting import find_days_owed, post_day, post_orders, post_recent_orders
from commissions.service.projecting import begin_projections, keep_projection

__all__ = [
    "PlanExists",
    "acknowledge_version",
    "add_version",
    "approve_period",
    "approve_version",
    "begin_closing",
    "begin_projections",
    "close_period",
    "create_period",
    "create_plan",
    "find_days_owed",
    "keep_projection",
    "post_day",
    "post_orders",
    "post_recent_orders",
    "project_period",
]
