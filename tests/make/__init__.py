"""Plain factories, one file per room: each writes real rows and returns them. `from tests import make`."""

from tests.make.rows import next_number, save, yesterday
from tests.make.staff import PASSWORD, api_key, guide, region, staff, store
from tests.make.tasks import forward_of, shared, task_plan

__all__ = [
    "PASSWORD",
    "api_key",
    "forward_of",
    "guide",
    "next_number",
    "region",
    "save",
    "shared",
    "staff",
    "store",
    "task_plan",
    "yesterday",
]
