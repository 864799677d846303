"""What receivers are owed."""

from typing import Any

from kit import clock
from kit.ids import new_id
from models import WebhookDelivery, WebhookSubscription
from tests.make.rows import save


def delivery(**columns: Any) -> WebhookDelivery:
    """One that waits, for a receiver of its own."""
    told = {"name": "x", "url": "https://example.com", "kinds": [], "active": True, "secrets": b""}
    subscription = save(WebhookSubscription(id=new_id(), **told))
    now = clock.now()
    times = {"due_at": now, "occurred_at": now}
    defaults = {"kind": "task.changed", "event_key": "x", "payload": {}, "state": "pending", "attempts": 1, **times}
    return save(WebhookDelivery(id=new_id(), subscription_id=subscription.id, **{**defaults, **columns}))
