"""The orders room over HTTP; one file per noun."""

from orders.routes import claims, policies, receipts, rejects  # noqa: F401 - they register their views
from orders.routes.blueprint import bp

__all__ = ["bp"]
