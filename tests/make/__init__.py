"""Plain factories, one file per room: each writes real rows and returns them. `from tests import make`."""

from tests.make.catalog import product, product_item, source, sync
from tests.make.commissions import plan_version, post_all
from tests.make.orders import line, order, order_item, order_source, take_orders
from tests.make.rows import next_number, save, yesterday
from tests.make.staff import PASSWORD, api_key, guide, region, staff, store
from tests.make.tasks import forward_of, shared, task_plan

__all__ = [
    "PASSWORD",
    "api_key",
    "forward_of",
    "guide",
    "line",
    "next_number",
    "order",
    "order_item",
    "order_source",
    "plan_version",
    "post_all",
    "product",
    "product_item",
    "region",
    "save",
    "shared",
    "source",
    "staff",
    "store",
    "sync",
    "take_orders",
    "task_plan",
    "yesterday",
]
