"""Who gets credit for a line, now and by each decision before, and why the others do not."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, cast, func, select
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by

from kit.db import db
from kit.principal import Principal
from models import Attribution, AttributionDecision, Credit, Order, OrderLine, Staff, Store
from orders.queries.reading import OrderNotFound, visible

# A line is decided on anew when its order is corrected; nobody reads further back.
MOST_DECISIONS = 100


class DecisionRow(NamedTuple):
    """A decision with the credits that it gives; `candidates` and `credits` as JSON has them, `names` by staff id."""

    line_id: UUID
    order_id: UUID
    id: UUID
    is_now: bool
    order_revision: int
    policy_version: int
    cause: str
    reason: str
    decided_at: datetime
    candidates: list[dict[str, Any]]
    credits: list[dict[str, Any]]
    names: dict[str, str] | None


def list_decisions(line_id: UUID, *, principal: Principal) -> Sequence[DecisionRow]:
    """The decisions on a line, the newest first; raises OrderNotFound."""
    held = AttributionDecision
    statement = (
        select(
            OrderLine.id, OrderLine.order_id, held.id, held.id == Attribution.decision_id, held.order_revision,
            held.policy_version, held.cause, held.reason, held.decided_at, held.candidates, _credits(), _names(),
        )
        .join(Order, Order.id == OrderLine.order_id)
        .join(Attribution, Attribution.line_id == OrderLine.id)
        .join(held, held.line_id == OrderLine.id)
        .where(OrderLine.id == line_id, visible(principal))
        .order_by((held.id == Attribution.decision_id).desc(), held.decided_at.desc(), held.id.desc())
        .limit(MOST_DECISIONS)
    )  # fmt: skip
    rows: Any = db.session.execute(statement)
    if not (found := [DecisionRow(*row) for row in rows]):
        raise OrderNotFound
    return found


def _credits() -> ColumnElement[Any]:
    told = func.jsonb_build_object(
        *("role", Credit.role, "kind", Credit.beneficiary_kind, "id", Credit.beneficiary_id),
        *("name", func.coalesce(Staff.name, Store.name), "share_bp", Credit.share_bp),
    )
    found = (
        select(func.jsonb_agg(aggregate_order_by(told, Credit.role, Credit.place)))
        .select_from(Credit)
        .outerjoin(Staff, Staff.id == Credit.beneficiary_id)
        .outerjoin(Store, Store.id == Credit.beneficiary_id)
        .where(Credit.decision_id == AttributionDecision.id)
        .correlate(AttributionDecision)
        .scalar_subquery()
    )
    return func.coalesce(found, cast([], JSONB))


def _names() -> ColumnElement[Any]:
    candidate = func.jsonb_array_elements(AttributionDecision.candidates, type_=JSONB).column_valued("candidate")
    named = select(func.jsonb_object_agg(Staff.id, Staff.name)).where(
        Staff.id.in_(select(cast(candidate["guide_id"].astext, Uuid)).correlate(AttributionDecision))
    )
    return named.correlate(AttributionDecision).scalar_subquery()
