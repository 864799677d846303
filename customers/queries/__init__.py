"""All reads of the customers room."""

from customers.queries.bindings import Bound, find_bindings, find_live_binding, find_live_bindings
from customers.queries.people import find_customer_ids, lock_customer
from customers.queries.sight import CustomerNotFound, find_people, get_person, sees_customer

__all__ = [
    "Bound",
    "CustomerNotFound",
    "find_bindings",
    "find_customer_ids",
    "find_live_binding",
    "find_live_bindings",
    "find_people",
    "get_person",
    "lock_customer",
    "sees_customer",
]
