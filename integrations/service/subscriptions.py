"""Who wants to be told what, and the secrets that prove it is us."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from integrations import queries
from integrations.service.feeds import skip_what_nobody_wanted
from kit import outbound, signing, versions
from kit.db import db
from kit.errors import Invalid
from kit.ids import new_id
from kit.resealing import reseal_page
from kit.sealing import seal, unseal
from models import WebhookSubscription

PURPOSE = "webhook secrets"


def create_subscription(*, name: str, url: str, kinds: Sequence[str]) -> tuple[WebhookSubscription, str]:
    """An active subscription to what happens from now on, and its secret, which is not shown again."""
    _refuse_url(url)
    skip_what_nobody_wanted()
    secret, subscription_id = signing.new_secret(), new_id()
    subscription = WebhookSubscription(
        id=subscription_id,
        name=name,
        url=url,
        kinds=sorted(set(kinds)),
        active=True,
        secrets=_sealed(subscription_id, [{"secret": secret, "until": None}]),
    )
    db.session.add(subscription)
    db.session.flush()
    return subscription, secret


def change_subscription(*, subscription_id: UUID, expected_version: int, changes: dict[str, Any]) -> None:
    """Change name, url, kinds or whether it is active; refuses with Stale what was made against another version."""
    subscription = queries.lock_subscription(subscription_id)
    versions.expect(subscription.version, expected=expected_version)
    if "url" in changes:
        _refuse_url(changes["url"])
    skip_what_nobody_wanted()
    for field, value in changes.items():
        setattr(subscription, field, value)
    db.session.flush()


def rotate_secret(*, subscription_id: UUID, overlap_hours: int, now: datetime) -> str:
    """Another secret, not shown again; messages bear both signatures for `overlap_hours`."""
    subscription = queries.lock_subscription(subscription_id)
    newest = _unsealed(subscription.id, subscription.secrets)[0]
    secret = signing.new_secret()
    until = (now + timedelta(hours=overlap_hours)).isoformat()
    kept = [{"secret": secret, "until": None}, {**newest, "until": until}]
    subscription.secrets = _sealed(subscription.id, kept)
    return secret


def remove_subscription(*, subscription_id: UUID) -> None:
    """Forget a subscription and its deliveries."""
    db.session.delete(queries.lock_subscription(subscription_id))


def live_secrets(subscription_id: UUID, sealed: bytes, *, now: datetime) -> list[str]:
    """What a message is signed with at `now`, the newest first."""
    kept = _unsealed(subscription_id, sealed)
    return [one["secret"] for one in kept if one["until"] is None or datetime.fromisoformat(one["until"]) > now]


def _refuse_url(url: str) -> None:
    try:
        outbound.refuse_url(url, own_networks=True)
    except outbound.Unreachable as refusal:
        raise Invalid(errors={"url": [refusal.said]}) from None


def _sealed(subscription_id: UUID, secrets: list[dict[str, str | None]]) -> bytes:
    return seal(orjson.dumps(secrets), purpose=PURPOSE, place=str(subscription_id))


def _unsealed(subscription_id: UUID, sealed: bytes) -> list[dict[str, Any]]:
    secrets: list[dict[str, Any]] = orjson.loads(unseal(bytes(sealed), purpose=PURPOSE, place=str(subscription_id)))
    return secrets


def reseal_secrets(*, after: UUID | None = None) -> UUID | None:
    """Seal a page of subscriptions' secrets with the newest key and answer where to go on, None at the end."""
    return reseal_page(WebhookSubscription.secrets, key=WebhookSubscription.id, purpose=PURPOSE, after=after)
