"""All reads of the orders room."""

from orders.queries.reading import get_attribution, get_order

__all__ = ["get_attribution", "get_order"]
