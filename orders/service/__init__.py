"""Taking in orders."""

from orders.service.ingest import ingest_orders

__all__ = ["ingest_orders"]
