"""What was tapped without a network: done in its order, each item by itself."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from clienteling.items import FollowUpItem
from clienteling.service import log_batch
from content_center.items import ForwardItem
from content_center.service import confirm_forward, forward_batch
from content_center.service.targets import NobodyToContact, release_targets
from kit.db import db
from kit.errors import DomainError, Invalid
from kit.principal import Principal
from kit.words import say
from tasks.queries.outbox import count_confirmed, count_held
from tasks.queries.tasks import find_event, get_task
from tasks.service.commands import Command, give

Row = dict[str, Any]
FAILED = frozenset({"rejected", "blocked"})


def settle(
    items: Sequence[tuple[int, Row]], *, unread: Collection[str | None], guide: Principal, now: datetime
) -> list[Row]:
    """What became of each item: `created`, `unchanged` when it came before, `rejected` and why, or `blocked`.

    Blocked is what names in `after` an item that was rejected or blocked, or one of `unread`, which could not be read.
    What is rejected leaves the others as they are.
    """
    outcomes: dict[str | None, str] = dict.fromkeys(unread, "rejected")
    told = []
    for index, item in items:
        name = str(item["id"])
        outcome = _settle_one(item, outcomes, guide=guide, now=now)
        outcomes[name] = outcome["outcome"]
        told.append({**outcome, "index": index, "external_id": name})
    return told


def _settle_one(item: Row, outcomes: dict[str | None, str], *, guide: Principal, now: datetime) -> Row:
    if any(outcomes.get(str(id_)) in FAILED for id_ in item["after"]):
        return {"outcome": "blocked", "detail": say("outbox_blocked")}
    try:
        with db.session.begin_nested():
            return _KINDS[item["kind"]](item, guide, now)
    except DomainError as refusal:
        errors = {"errors": refusal.errors} if isinstance(refusal, Invalid) and refusal.errors else {}
        return {"outcome": "rejected", "code": refusal.code, "detail": refusal.said, **errors}


def _forward(item: Row, guide: Principal, now: datetime) -> Row:
    names = ("id", "content_id", "channel", "target", "language", "captured_at")
    [told] = forward_batch(items=[(0, ForwardItem(**{name: item[name] for name in names}))], guide=guide, now=now)
    return told


def _confirm(item: Row, guide: Principal, now: datetime) -> Row:
    forward_id = item["forward_id"]
    before = count_confirmed(forward_id)
    said = {"customer_ids": item["customer_ids"], "by": guide, "now": now}
    confirmed = confirm_forward(forward_id=forward_id, kind="client", **said)
    if confirmed["refused"] and not confirmed["customer_ids"]:
        raise NobodyToContact(skipped=confirmed["refused"])
    return {**_changed(count_confirmed(forward_id) != before), "confirmation": confirmed}


def _release(item: Row, guide: Principal, now: datetime) -> Row:
    forward_id = item["forward_id"]
    before = count_held(forward_id)
    release_targets(forward_id=forward_id, customer_ids=item["customer_ids"], by=guide, now=now)
    return _changed(count_held(forward_id) != before)


def _follow_up(item: Row, guide: Principal, now: datetime) -> Row:
    names = ("id", "customer_id", "channel", "outcome", "note", "next_on", "corrects_id")
    written = FollowUpItem(**{name: item[name] for name in names}, at=item["at"] or item["captured_at"])
    [told] = log_batch(items=[(0, written)], guide=guide, now=now)
    return told


def _task_command(item: Row, guide: Principal, now: datetime) -> Row:
    names = ("id", "task_id", "command", "note", "reason", "to_id", "captured_at")
    is_new = find_event(item["id"]) is None
    give(Command(**{name: item[name] for name in names}), principal=guide, now=now)
    return {**_changed(is_new), "task": get_task(item["task_id"], principal=guide, now=now)}


def _changed(is_new: bool) -> Row:
    return {"outcome": "created" if is_new else "unchanged"}


_KINDS = {
    "forward": _forward,
    "confirmation": _confirm,
    "release": _release,
    "follow_up": _follow_up,
    "task_command": _task_command,
}
