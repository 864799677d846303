"""Webhooks out: who is told what, and what became of it."""

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint

from integrations import queries, service
from integrations.queries import DeliveryNotFound, SubscriptionNotFound
from integrations.schemas import (
    DeliveriesIn,
    DeliveryPageOut,
    SubscriptionChangeIn,
    SubscriptionIn,
    SubscriptionOut,
    SubscriptionPageOut,
    SubscriptionSecretOut,
    WebhookSecretIn,
    WebhookSecretOut,
)
from integrations.service.deliveries import DeliveryNotDead
from kit import clock
from kit.outbound import Unreachable
from kit.web import etag, idempotency
from kit.web.auth import auth
from kit.web.etag import etagged, if_match
from kit.web.io import NothingOut, body, query, reply
from kit.web.paging import PageIn, page
from kit.web.refusals import refuses

bp = Blueprint("integrations", __name__, url_prefix="/v1/webhooks", description="What other systems are told")
ADMIN = {"hq_admin"}


@bp.post("/subscriptions")
@auth(roles=ADMIN)
@refuses(SubscriptionNotFound, Unreachable)
@idempotency.unkept
@body(SubscriptionIn)
@reply(SubscriptionSecretOut, 201)
def create_subscription(name: str, url: str, kinds: list[str]) -> dict[str, Any]:
    """Have a system told what happens from now on; the secret that signs it is shown this once."""
    subscription, secret = service.create_subscription(name=name, url=url, kinds=kinds)
    return {**_shown(subscription.id), "secret": secret}


@bp.get("/subscriptions")
@auth(roles=ADMIN)
@query(PageIn)
@reply(SubscriptionPageOut)
def list_subscriptions(limit: int, cursor: str | None) -> dict[str, Any]:
    """Who is told what."""
    return page(
        lambda after, count: queries.list_subscriptions(after=after, limit=count),
        name="webhook-subscriptions",
        cursor=cursor,
        limit=limit,
        key=lambda row: [str(row["id"])],
    )


@bp.get("/subscriptions/<uuid:subscription_id>")
@auth(roles=ADMIN)
@refuses(SubscriptionNotFound)
@etagged
@reply(SubscriptionOut)
def get_subscription(subscription_id: UUID) -> dict[str, Any]:
    """One subscription."""
    found = queries.get_subscription(subscription_id)
    etag.serve(found.pop("version"))
    return found


@bp.patch("/subscriptions/<uuid:subscription_id>")
@auth(roles=ADMIN)
@refuses(SubscriptionNotFound, Unreachable)
@if_match
@body(SubscriptionChangeIn)
@reply(SubscriptionOut)
def change_subscription(subscription_id: UUID, expected_version: int, **changes: Any) -> dict[str, Any]:
    """Change a subscription, pause it, let it go on."""
    service.change_subscription(subscription_id=subscription_id, expected_version=expected_version, changes=changes)
    return _shown(subscription_id)


@bp.post("/subscriptions/<uuid:subscription_id>/secrets")
@auth(roles=ADMIN)
@refuses(SubscriptionNotFound)
@idempotency.unkept
@body(WebhookSecretIn)
@reply(WebhookSecretOut, 201)
def rotate_secret(subscription_id: UUID, overlap_hours: int) -> dict[str, Any]:
    """Sign with another secret, shown this once; for a while messages bear both signatures."""
    now = clock.now()
    secret = service.rotate_secret(subscription_id=subscription_id, overlap_hours=overlap_hours, now=now)
    return {"secret": secret}


@bp.delete("/subscriptions/<uuid:subscription_id>")
@auth(roles=ADMIN)
@refuses(SubscriptionNotFound)
@reply(NothingOut, 200)
def remove_subscription(subscription_id: UUID) -> dict[str, Any]:
    """Tell a system nothing more; its deliveries are forgotten."""
    service.remove_subscription(subscription_id=subscription_id)
    return {}


@bp.get("/deliveries")
@auth(roles=ADMIN)
@query(DeliveriesIn)
@reply(DeliveryPageOut)
def list_deliveries(limit: int, cursor: str | None, **search: Any) -> dict[str, Any]:
    """What was told to whom, the newest first; `state=dead` is what was given up."""
    return page(
        lambda after, count: queries.list_deliveries(after=after, limit=count, **search),
        name="webhook-deliveries",
        cursor=cursor,
        limit=limit,
        key=lambda row: [str(row["id"])],
    )


@bp.post("/deliveries/<uuid:delivery_id>/replays")
@auth(roles=ADMIN)
@refuses(DeliveryNotDead, DeliveryNotFound)
@idempotency.required
@reply(NothingOut, 201)
def replay_delivery(delivery_id: UUID) -> dict[str, Any]:
    """Try again, from the first attempt on, what was given up."""
    service.replay_delivery(delivery_id=delivery_id, now=clock.now())
    return {}


def _shown(subscription_id: UUID) -> dict[str, Any]:
    shown = queries.get_subscription(subscription_id)
    etag.tag(shown.pop("version"))
    return shown
