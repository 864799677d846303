"""Products, the batches that brands push, and the files they send."""

from catalog.routes import availability, imports, pictures, products, sources, webhooks
from catalog.routes.blueprint import bp

__all__ = ["availability", "bp", "imports", "pictures", "products", "sources", "webhooks"]
