"""All reads of the integrations room."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from kit.db import db, fetch_all, fetch_one
from kit.errors import NotFound
from models import WebhookDelivery, WebhookSubscription

SUBSCRIPTION = (
    WebhookSubscription.id,
    WebhookSubscription.name,
    WebhookSubscription.url,
    WebhookSubscription.kinds,
    WebhookSubscription.active,
    WebhookSubscription.created_at,
)
DELIVERY = tuple(column for column in WebhookDelivery.__table__.columns if column.key not in ("event_key", "payload"))


class SubscriptionNotFound(NotFound):
    """There is no such subscription."""

    code = "subscription_not_found"


class DeliveryNotFound(NotFound):
    """There is no such delivery."""

    code = "delivery_not_found"


def list_subscriptions(*, after: list[Any] | None, limit: int) -> list[dict[str, Any]]:
    """Subscriptions, the newest first; never their secrets."""
    statement = select(*SUBSCRIPTION).order_by(WebhookSubscription.id.desc()).limit(limit)
    if after is not None:
        statement = statement.where(WebhookSubscription.id < UUID(after[0]))
    return list(fetch_all(statement))


def get_subscription(subscription_id: UUID) -> dict[str, Any]:
    """One subscription with its version; raises SubscriptionNotFound."""
    columns = (*SUBSCRIPTION, WebhookSubscription.version)
    found = fetch_one(select(*columns).where(WebhookSubscription.id == subscription_id))
    if found is None:
        raise SubscriptionNotFound
    return found


def lock_subscription(subscription_id: UUID) -> WebhookSubscription:
    """A subscription, held until the unit of work ends; raises SubscriptionNotFound."""
    wanted = select(WebhookSubscription).where(WebhookSubscription.id == subscription_id).with_for_update()
    found = db.session.scalar(wanted)
    if found is None:
        raise SubscriptionNotFound
    return found


def list_deliveries(
    *, subscription_id: UUID | None, state: str | None, after: list[Any] | None, limit: int
) -> list[dict[str, Any]]:
    """Deliveries, the newest first."""
    statement = select(*DELIVERY).order_by(WebhookDelivery.id.desc()).limit(limit)
    if subscription_id is not None:
        statement = statement.where(WebhookDelivery.subscription_id == subscription_id)
    if state is not None:
        statement = statement.where(WebhookDelivery.state == state)
    if after is not None:
        statement = statement.where(WebhookDelivery.id < UUID(after[0]))
    return list(fetch_all(statement))


def lock_delivery(delivery_id: UUID) -> WebhookDelivery:
    """A delivery, held until the unit of work ends; raises DeliveryNotFound."""
    found = db.session.scalar(select(WebhookDelivery).where(WebhookDelivery.id == delivery_id).with_for_update())
    if found is None:
        raise DeliveryNotFound
    return found
