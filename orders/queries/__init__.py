"""All reads of the orders room."""

from orders.queries.credited import Sold, sold_by_guides, sold_by_stores
from orders.queries.reading import get_attribution, get_order
from orders.queries.refunds import get_refund
from orders.queries.served import was_served

__all__ = ["Sold", "get_attribution", "get_order", "get_refund", "sold_by_guides", "sold_by_stores", "was_served"]
