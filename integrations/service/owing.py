"""What is owed to subscribers, whatever it was derived from."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text

from kit.db import db

OWE = text("""
INSERT INTO webhook_delivery (subscription_id, kind, event_key, payload, state, attempts, due_at, occurred_at)
SELECT id, CAST(:kind AS text), :event_key, CAST(:payload AS jsonb), 'pending', 0, :now,
  CAST(:created_at AS timestamptz)
FROM webhook_subscription
WHERE active AND CAST(:kind AS text) = ANY (kinds) AND created_at <= CAST(:created_at AS timestamptz)
ON CONFLICT (subscription_id, event_key) DO NOTHING
""")


def owe(events: Sequence[dict[str, Any]]) -> None:
    """Owe each event to everyone who wants its kind and subscribed before it; the same event again changes nothing."""
    if events:
        db.session.execute(OWE, events)
