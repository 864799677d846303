"""Customers over HTTP; one file per noun."""

from customers.routes import bindings, contact, merges, privacy, profiles  # noqa: F401 - they register their views
from customers.routes.blueprint import bp

__all__ = ["bp"]
