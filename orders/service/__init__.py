"""Orders come in, and what was sold before it was known is classified."""

from orders.service.classifying import classify_arrived, follow_products
from orders.service.ingest import ingest_orders
from orders.service.refunds import ingest_refunds

__all__ = ["classify_arrived", "follow_products", "ingest_orders", "ingest_refunds"]
