"""Every job there is: importing this module declares them all."""

from importlib import import_module

from kit.jobs import JOBS

MODULES = (
    "audit.jobs",
    "catalog.jobs",
    "clienteling.jobs",
    "commissions.jobs",
    "content_center.jobs",
    "customers.jobs",
    "integrations.jobs",
    "kit.dead_letters",
    "kit.web.idempotency",
    "orders.jobs",
    "performance.jobs",
    "settlements.jobs",
    "staff.jobs",
    "targets.jobs",
    "tasks.jobs",
)
for module in MODULES:
    import_module(module)

__all__ = ["JOBS", "MODULES"]
