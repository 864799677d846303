"""What became of a forward after the tap: shared by the app, delivered by the channel."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from content_center import queries
from content_center.rules.channels import CONTACT_CHANNEL
from content_center.service.takedown import expect_shown
from content_center.service.targets import named_or_all, refusals, reserve
from customers import service as customers
from kit.db import db
from kit.errors import Forbidden
from kit.principal import Principal
from models import ForwardConfirmation

Row = dict[str, Any]


class ConfirmationNotYours(Forbidden):
    """Guides confirm that their app shared; that the channel delivered, only the channel's integration knows."""

    code = "confirmation_not_yours"


def confirm_forward(*, forward_id: UUID, kind: str, customer_ids: Sequence[UUID], by: Principal, now: datetime) -> Row:
    """Record a step, once however often it is reported, and answer what is confirmed so far and who is refused.

    A guide's word is a question, too: whom the app may send to at this moment. A customer who may not be contacted any
    more, or whose budget somebody else just used up, is `refused` and not confirmed.
    Raises ContentHidden for what is still to be sent, ConfirmationNotYours, ConfirmationTargetUnknown, ForwardNotFound.
    """
    forward = queries.get_recorded(forward_id)
    if by.kind == "staff" and forward["guide_id"] != by.id:
        raise queries.ForwardNotFound
    if (kind == "channel") != (by.kind == "integrator"):
        raise ConfirmationNotYours
    if kind == "client":
        expect_shown(forward)
    asked = named_or_all(forward, customer_ids)
    refused = _send(forward, asked, by=by, now=now) if kind == "client" else _count(forward, asked, now=now)
    turned_down = {one["customer_id"] for one in refused}
    reached: list[UUID | None] = [id_ for id_ in asked if id_ not in turned_down]
    if reached or not asked:
        row = {"forward_id": forward_id, "kind": kind, "created_at": now}
        step = insert(ForwardConfirmation).values([{**row, "customer_id": id_} for id_ in reached or [None]])
        db.session.execute(step.on_conflict_do_nothing())
    return {"forward_id": forward_id, "kind": kind, **_so_far(forward_id, kind), "refused": refused}


def _send(forward: Row, asked: list[UUID], *, by: Principal, now: datetime) -> list[Row]:
    """Who of them is refused; of those confirmed before nobody is asked again."""
    done = set(_so_far(forward["id"], "client")["customer_ids"])
    pending = [id_ for id_ in asked if id_ not in done]
    return refusals(reserve(forward, pending, guide=by, now=now, sent=True)) if pending else []


def _count(forward: Row, asked: list[UUID], *, now: datetime) -> list[Row]:
    """Nobody is refused what has reached them: it counts, whoever asked or did not ask before."""
    if asked:
        customers.count_sent(
            asked,
            channel=CONTACT_CHANNEL[forward["channel"]],
            guide_id=forward["guide_id"],
            reference_id=forward["id"],
            now=now,
        )
    return []


def _so_far(forward_id: UUID, kind: str) -> Row:
    columns = (func.array_agg(ForwardConfirmation.customer_id), func.min(ForwardConfirmation.created_at))
    confirmed = select(*columns).where(ForwardConfirmation.forward_id == forward_id, ForwardConfirmation.kind == kind)
    customer_ids, first = db.session.execute(confirmed).one()
    return {"customer_ids": sorted(id_ for id_ in customer_ids or () if id_ is not None), "confirmed_at": first}
