"""What became of a forward after the tap: shared by the app, delivered by the channel."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from content_center import queries
from kit.db import db
from kit.errors import Forbidden, Invalid
from kit.principal import Principal
from models import ForwardConfirmation


class ConfirmationNotYours(Forbidden):
    """Guides confirm that their app shared; that the channel delivered, only the channel's integration knows."""

    code = "confirmation_not_yours"
    title = "Someone else confirms this"


class ConfirmationTargetUnknown(Invalid):
    """The forward did not aim at these customers."""

    code = "confirmation_target_unknown"
    title = "The forward did not aim at these customers"


def confirm_forward(
    *, forward_id: UUID, kind: str, customer_ids: Sequence[UUID], by: Principal, now: datetime
) -> dict[str, Any]:
    """Record a step, once however often it is reported, and answer what is confirmed so far.

    Raises ConfirmationNotYours, ConfirmationTargetUnknown, ForwardNotFound.
    """
    forward = queries.get_recorded(forward_id)
    if by.kind == "staff" and forward["guide_id"] != by.id:
        raise queries.ForwardNotFound
    if (kind == "channel") != (by.kind == "integrator"):
        raise ConfirmationNotYours
    aimed_at = forward["target"].get("customer_ids", [])
    if unknown := [str(id_) for id_ in customer_ids if str(id_) not in aimed_at]:
        raise ConfirmationTargetUnknown(unknown=unknown)
    reached: list[UUID | None] = [UUID(str(id_)) for id_ in customer_ids or aimed_at]
    row = {"forward_id": forward_id, "kind": kind, "created_at": now}
    step = insert(ForwardConfirmation).values([{**row, "customer_id": id_} for id_ in reached or [None]])
    db.session.execute(step.on_conflict_do_nothing())
    return {"forward_id": forward_id, "kind": kind, **_so_far(forward_id, kind)}


def _so_far(forward_id: UUID, kind: str) -> dict[str, Any]:
    columns = (func.array_agg(ForwardConfirmation.customer_id), func.min(ForwardConfirmation.created_at))
    confirmed = select(*columns).where(ForwardConfirmation.forward_id == forward_id, ForwardConfirmation.kind == kind)
    customer_ids, first = db.session.execute(confirmed).one()
    return {"customer_ids": sorted(id_ for id_ in customer_ids if id_ is not None), "confirmed_at": first}
