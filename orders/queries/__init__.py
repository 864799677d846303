"""All reads of the orders room."""

from orders.queries.attributions import list_decisions
from orders.queries.credited import Credited, Sold, sold_by_guides, sold_by_stores
from orders.queries.reading import get_order
from orders.queries.refunds import get_refund
from orders.queries.served import was_served

__all__ = [
    "Credited",
    "Sold",
    "get_order",
    "get_refund",
    "list_decisions",
    "sold_by_guides",
    "sold_by_stores",
    "was_served",
]
