"""Customers over HTTP."""

from customers.routes.blueprint import bp

__all__ = ["bp"]
