"""The orders room over HTTP; one file per noun."""

from orders.routes import (  # noqa: F401 - they register their views
    claims,
    lists,
    policies,
    receipts,
    rejects,
    sellers,
    settings,
)
from orders.routes.blueprint import bp

__all__ = ["bp"]
