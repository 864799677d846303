"""Who is served, and whose they are."""

from customers.service.bindings import bind_customer
from customers.service.identities import add_identity, read_identities, remove_identity
from customers.service.members import ensure_customers
from customers.service.profiles import change_customer, create_customer
from customers.service.reveals import reveal_customer

__all__ = [
    "add_identity",
    "bind_customer",
    "change_customer",
    "create_customer",
    "ensure_customers",
    "read_identities",
    "remove_identity",
    "reveal_customer",
]
