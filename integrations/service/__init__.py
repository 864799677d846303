"""What the integrations room does; one file per noun."""

from integrations.service.batches import derive_batches
from integrations.service.deliveries import deliver_due, forget_deliveries, replay_delivery
from integrations.service.feeds import derive_deliveries
from integrations.service.subscriptions import (
    change_subscription,
    create_subscription,
    remove_subscription,
    reseal_secrets,
    rotate_secret,
)

__all__ = [
    "change_subscription",
    "create_subscription",
    "deliver_due",
    "derive_batches",
    "derive_deliveries",
    "forget_deliveries",
    "remove_subscription",
    "replay_delivery",
    "reseal_secrets",
    "rotate_secret",
]
