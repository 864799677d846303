"""Customers on their way from one guide to another."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, or_, select, tuple_
from sqlalchemy.orm import aliased

from kit.db import db, fetch_all, fetch_one
from kit.errors import NotFound
from kit.principal import Principal
from models import BindingTransfer, Customer, Staff
from staff.scope import sees_guide

Row = dict[str, Any]
GIVER, TAKER = aliased(Staff), aliased(Staff)
STATE = case(
    (BindingTransfer.refused_at.is_not(None), "refused"),
    (BindingTransfer.lapsed_at.is_not(None), "lapsed"),
    (BindingTransfer.done_at.is_not(None), "done"),
    else_="waiting",
)
WAITS = (BindingTransfer.refused_at.is_(None), BindingTransfer.done_at.is_(None), BindingTransfer.lapsed_at.is_(None))


class TransferNotFound(NotFound):
    """There is no such transfer in sight."""

    code = "transfer_not_found"


def list_transfers(*, principal: Principal, state: str | None, after: Sequence[Any] | None, limit: int) -> list[Row]:
    """The transfers from or to guides whom the principal sees, newest first."""
    statement = _transfers(principal).order_by(BindingTransfer.requested_at.desc(), BindingTransfer.id.desc())
    if state is not None:
        statement = statement.where(state == STATE)
    if after is not None:
        past = tuple_(datetime.fromisoformat(after[0]), UUID(after[1]))
        statement = statement.where(tuple_(BindingTransfer.requested_at, BindingTransfer.id) < past)
    return list(fetch_all(statement.limit(limit)))


def get_transfer(transfer_id: UUID, principal: Principal) -> Row:
    """One transfer in sight; raises TransferNotFound."""
    row = fetch_one(_transfers(principal).where(BindingTransfer.id == transfer_id))
    if row is None:
        raise TransferNotFound
    return row


def find_waiting_transfer(person_id: UUID) -> BindingTransfer | None:
    """The person's transfer that is not over yet, if any."""
    return db.session.scalar(
        select(BindingTransfer)
        .where(BindingTransfer.customer_id.in_(_same(person_id)), *WAITS)
        .order_by(BindingTransfer.requested_at)
        .limit(1)
    )


def list_transfer_times(person_id: UUID, *, since: datetime) -> list[datetime]:
    """When transfers of the person that were neither refused nor lapsed were asked for since then, newest first."""
    counts = (BindingTransfer.refused_at.is_(None), BindingTransfer.lapsed_at.is_(None))
    statement = select(BindingTransfer.requested_at).where(
        BindingTransfer.customer_id.in_(_same(person_id)), BindingTransfer.requested_at > since, *counts
    )
    return list(db.session.scalars(statement.order_by(BindingTransfer.requested_at.desc())))


def _same(person_id: UUID) -> Any:
    return select(Customer.id).where(Customer.person_id == person_id)


def _transfers(principal: Principal) -> Any:
    seen: ColumnElement[bool] = or_(
        sees_guide(GIVER.id, GIVER.store_id, principal), sees_guide(TAKER.id, TAKER.store_id, principal)
    )
    person_id = select(Customer.person_id).where(Customer.id == BindingTransfer.customer_id)
    return (
        select(
            BindingTransfer.id,
            person_id.scalar_subquery().label("customer_id"),
            BindingTransfer.from_guide_id,
            GIVER.name.label("from_guide_name"),
            BindingTransfer.to_guide_id,
            TAKER.name.label("to_guide_name"),
            BindingTransfer.reason,
            STATE.label("state"),
            BindingTransfer.requested_by,
            BindingTransfer.requested_at,
            BindingTransfer.effective_at,
            func.coalesce(BindingTransfer.refused_at, BindingTransfer.done_at, BindingTransfer.lapsed_at).label(
                "over_at"
            ),
        )
        .join(GIVER, GIVER.id == BindingTransfer.from_guide_id)
        .join(TAKER, TAKER.id == BindingTransfer.to_guide_id)
        .where(seen)
    )
