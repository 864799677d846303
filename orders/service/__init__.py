"""Orders and footfall come in, what was rejected is mended, and what was sold before it was known is classified."""

from orders.service.classifying import classify_arrived, follow_products
from orders.service.footfall import ingest_footfall
from orders.service.ingest import ingest_orders
from orders.service.mending import dismiss_reject, replay_reject
from orders.service.refunds import ingest_refunds
from orders.service.rejects import Unreadable, forget_rejects, reseal_rejects
from orders.service.sellers import name_seller
from orders.service.settings import put_settings

__all__ = [
    "Unreadable",
    "classify_arrived",
    "dismiss_reject",
    "follow_products",
    "forget_rejects",
    "ingest_footfall",
    "ingest_orders",
    "ingest_refunds",
    "name_seller",
    "put_settings",
    "replay_reject",
    "reseal_rejects",
]
