"""Sending what is owed: claim, send without a transaction, write down what came of it, each by itself.

At least once: a worker that dies while sending leaves its claim to run out, and the message is sent again under the
same id, by which receivers tell that they have it.
"""

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from flask import current_app
from sqlalchemy import text

from integrations import queries, rules
from integrations.rules.states import DELIVERY_MOVES
from integrations.service.subscriptions import live_secrets
from kit import clock, outbound, signing
from kit.db import db, fetch_all, unit_of_work
from kit.errors import Conflict
from kit.ids import first_id_at
from kit.retention import forget
from kit.words import Said, say

log = logging.getLogger(__name__)

CLAIM = timedelta(minutes=2)
PER_RECEIVER = 16
TIMEOUT_SECONDS = 10
SENDERS = 8

# So many a receiver, so that a slow one does not keep the others waiting.
TAKE = text("""
WITH taken AS (
  SELECT d.id, s.id AS subscription_id, s.url, s.secrets
  FROM webhook_subscription s CROSS JOIN LATERAL (
    SELECT id FROM webhook_delivery
    WHERE subscription_id = s.id AND state = 'pending' AND due_at <= :now
    ORDER BY due_at LIMIT :each FOR UPDATE SKIP LOCKED) d
  WHERE s.active
)
UPDATE webhook_delivery d SET attempts = attempts + 1, due_at = :claimed_until FROM taken
WHERE d.id = taken.id
RETURNING d.id, d.kind, CAST(d.payload AS text) AS payload, d.occurred_at, d.attempts,
  taken.subscription_id, taken.url, taken.secrets
""")
SETTLE = text("""
UPDATE webhook_delivery SET state = :state, due_at = :due_at, last_status = :status,
  last_problem = CAST(:problem AS jsonb),  delivered_at = :delivered_at
WHERE id = :id AND state = 'pending'
""")
FORGET = text("""
DELETE FROM webhook_delivery WHERE id IN (
  SELECT id FROM webhook_delivery WHERE state = :state AND id < :before ORDER BY id LIMIT :limit)
""")
PAUSE = text("UPDATE webhook_subscription SET active = false WHERE id = ANY (:ids)")


class DeliveryNotDead(Conflict):
    """Only what was given up can be replayed; the rest is on its way or has arrived."""

    code = "delivery_not_dead"


def deliver_due(*, now: datetime) -> int:
    """Send what is due, at most PER_RECEIVER to each; how many were sent. Commits on the way: call it alone."""
    with unit_of_work():
        parameters = {"now": now, "claimed_until": now + CLAIM, "each": PER_RECEIVER}
        taken = fetch_all(TAKE, parameters)
    app = current_app._get_current_object()  # type: ignore[attr-defined]

    def deliver(message: dict[str, Any]) -> bool:
        with app.app_context():
            return _deliver(message)

    with ThreadPoolExecutor(SENDERS) as senders:
        sent = [(message, senders.submit(deliver, message)) for message in taken]
    gone = {message["subscription_id"] for message, one in sent if one.result()}
    if gone:
        with unit_of_work():
            db.session.execute(PAUSE, {"ids": list(gone)})
    return len(taken)


def replay_delivery(*, delivery_id: UUID, now: datetime) -> None:
    """Begin again with a delivery that was given up; raises DeliveryNotDead."""
    delivery = queries.lock_delivery(delivery_id)
    after = DELIVERY_MOVES.get((delivery.state, "replay"))
    if after is None:
        raise DeliveryNotDead
    delivery.state, delivery.attempts, delivery.due_at = after, 0, now


def _deliver(message: dict[str, Any]) -> bool:
    """One attempt, and what came of it written down; whether the receiver wants nothing any more.

    Whatever is wrong with a message is its own failure. What cannot be written down is sent again after its claim.
    """
    try:
        result = _send(message)
    except Exception as error:
        log.exception("delivery %s cannot be sent", message["id"])
        problem = say("delivery.cannot_be_sent", why=type(error).__name__)
        result = _result(message, status=None, problem=problem, wish_seconds=None)
    try:
        with unit_of_work():
            db.session.execute(SETTLE, result)
    except Exception:
        log.exception("delivery %s cannot be settled", message["id"])
    return bool(result["gone"])


def _send(message: dict[str, Any]) -> dict[str, Any]:
    """One attempt; its result, as SETTLE takes it."""
    # As PostgreSQL writes it: a number may be longer than Python's JSON libraries take.
    payload = orjson.Fragment(message["payload"])
    event = {"type": message["kind"], "timestamp": message["occurred_at"], "data": payload}
    body = orjson.dumps(event, option=orjson.OPT_UTC_Z)
    try:
        answer = outbound.request(
            "POST",
            message["url"],
            headers=_headers(message, body),
            content=body,
            timeout_seconds=TIMEOUT_SECONDS,
            max_bytes=1024,
            own_networks=True,
        )
    except outbound.Unreachable as problem:
        return _result(message, status=None, problem=problem.said, wish_seconds=None)
    problem_said = None if rules.is_taken(answer.status) else say("answered", status=answer.status)
    return _result(message, status=answer.status, problem=problem_said, wish_seconds=answer.headers.get("retry-after"))


def _headers(message: dict[str, Any], body: bytes) -> dict[str, str]:
    now, message_id = clock.now(), f"msg_{message['id']}"
    secrets = live_secrets(message["subscription_id"], message["secrets"], now=now)
    signatures = [signing.sign(secret=secret, message_id=message_id, at=now, body=body) for secret in secrets]
    return {
        "Content-Type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def _result(
    message: dict[str, Any], *, status: int | None, problem: Said | None, wish_seconds: str | None
) -> dict[str, Any]:
    now = clock.now()
    gone = status is not None and rules.is_gone(status)
    delay = None if problem is None or gone else rules.next_delay(message["attempts"], wish_seconds=wish_seconds)
    command = "arrive" if problem is None else "try_later" if delay else "give_up"
    return {
        "id": message["id"],
        "subscription_id": message["subscription_id"],
        "gone": gone,
        "state": DELIVERY_MOVES["pending", command],
        "due_at": now + (delay or timedelta(0)),
        "status": status,
        "problem": problem and problem.as_json(),
        "delivered_at": now if problem is None else None,
    }


def forget_deliveries(*, now: datetime) -> None:
    """Remove what arrived or was given up, and began over DELIVERY_DAYS ago. Commits on the way: call it alone."""
    before = first_id_at(now - timedelta(days=current_app.config["DELIVERY_DAYS"]))
    for state in ("delivered", "dead"):
        forget(FORGET, {"state": state, "before": before})
