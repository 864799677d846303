"""Who is served, and whose they are."""

from customers.service.bindings import bind_customer
from customers.service.members import ensure_customers

__all__ = ["bind_customer", "ensure_customers"]
