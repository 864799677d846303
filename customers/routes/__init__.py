"""Customers over HTTP; one file per noun."""

from customers.routes import profiles  # noqa: F401 - it registers its views
from customers.routes.blueprint import bp

__all__ = ["bp"]
