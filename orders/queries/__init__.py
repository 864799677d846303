"""All reads of the orders room."""

from orders.queries.reading import get_attribution, get_order
from orders.queries.served import was_served

__all__ = ["get_attribution", "get_order", "was_served"]
