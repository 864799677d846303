"""Plain factories, one file per room: each writes real rows and returns them. `from tests import make`."""

from tests.make.catalog import product, product_item, source, sync, sync_run
from tests.make.clienteling import bound_customer, follow_up
from tests.make.commissions import document, pay_period, plan_version, post_all
from tests.make.contact import contact, contact_policy, no_quiet_hours, person
from tests.make.content import (
    audience,
    confirm_sent,
    content,
    draft,
    forward,
    new_version,
    not_sold_at,
    off_shelf,
    on_shelf,
    principal_of,
    publish,
    sent_forward,
    touch,
    withdraw,
)
from tests.make.customers import customer, phone
from tests.make.integrations import delivery
from tests.make.orders import (
    attribution_policy,
    claim,
    line,
    order,
    order_item,
    order_source,
    refund_item,
    take_orders,
    take_refunds,
)
from tests.make.performance import posting
from tests.make.rows import next_number, save, wait_until, yesterday
from tests.make.settlements import statement
from tests.make.staff import PASSWORD, api_key, calendars, grant, guide, move, region, roster_day, staff, store, verify
from tests.make.targets import target
from tests.make.tasks import NOBODY, as_manager, ended_plan, plan_draft, task_command, task_plan

__all__ = [
    "NOBODY",
    "PASSWORD",
    "api_key",
    "as_manager",
    "attribution_policy",
    "audience",
    "bound_customer",
    "calendars",
    "claim",
    "confirm_sent",
    "contact",
    "contact_policy",
    "content",
    "customer",
    "delivery",
    "document",
    "draft",
    "ended_plan",
    "follow_up",
    "forward",
    "grant",
    "guide",
    "line",
    "move",
    "new_version",
    "next_number",
    "no_quiet_hours",
    "not_sold_at",
    "off_shelf",
    "on_shelf",
    "order",
    "order_item",
    "order_source",
    "pay_period",
    "person",
    "phone",
    "plan_draft",
    "plan_version",
    "post_all",
    "posting",
    "principal_of",
    "product",
    "product_item",
    "publish",
    "refund_item",
    "region",
    "roster_day",
    "save",
    "sent_forward",
    "source",
    "staff",
    "statement",
    "store",
    "sync",
    "sync_run",
    "take_orders",
    "take_refunds",
    "target",
    "task_command",
    "task_plan",
    "touch",
    "verify",
    "wait_until",
    "withdraw",
    "yesterday",
]
