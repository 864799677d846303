"""The outbox: what was tapped without a network, together."""

from typing import Any

from content_center.present import as_shared
from kit import clock
from kit.web import idempotency
from kit.web.auth import auth, principal
from kit.web.batch import Rejection, batch_of_kinds, outcomes
from staff.rules import SELLERS
from tasks import present
from tasks.routes.blueprint import bp
from tasks.schemas.outbox import MAX_ITEMS, OutboxIn, OutboxOut
from tasks.service import outbox as service

Answer = dict[str, Any]


@bp.post("/outbox")
@auth(roles=SELLERS)
@idempotency.judged_again
@batch_of_kinds(OutboxIn, limit=MAX_ITEMS, answer=OutboxOut)
def settle_outbox(items: list[tuple[int, Answer]], rejections: list[Rejection]) -> Answer:
    """What I tapped without a network, in its order, each item settled by itself as if it came alone."""
    now = clock.now()
    unread = [rejection.external_id for rejection in rejections]
    settled = service.settle(items, unread=unread, guide=principal(), now=now)
    for one in settled:
        if "forward" in one:
            one["forward"] = as_shared(one["forward"])
        if "task" in one:
            one["task"] = present.task_answer(one["task"], now=now)
    return outcomes(settled, rejections)
