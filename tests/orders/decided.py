"""What the tests ask of decisions: the one that holds for a line, and whom it credits."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from kit.db import db
from models import Attribution, AttributionDecision, Credit, Order, OrderLine


def decided(line_no: int = 1) -> AttributionDecision:
    """The decision that holds for the only line of this number."""
    db.session.expire_all()
    held = select(AttributionDecision).join(Attribution, Attribution.decision_id == AttributionDecision.id)
    wanted = held.join(OrderLine, OrderLine.id == Attribution.line_id).where(OrderLine.line_no == line_no)
    return db.session.scalars(wanted).one()


def credited(line_no: int = 1, *, role: str = "seller") -> dict[UUID, int]:
    """Who is credited with it in a role, and their shares."""
    rows = select(Credit).where(Credit.decision_id == decided(line_no).id, Credit.role == role)
    return {row.beneficiary_id: row.share_bp for row in db.session.scalars(rows)}


def with_sellers(*columns: Any) -> Select[Any]:
    """Columns of lines, orders, the decisions that hold, and `Credit` of each seller: null where there is none."""
    return (
        select(*columns)
        .select_from(Order)
        .join(OrderLine, OrderLine.order_id == Order.id)
        .join(Attribution, Attribution.line_id == OrderLine.id)
        .join(AttributionDecision, AttributionDecision.id == Attribution.decision_id)
        .outerjoin(Credit, (Credit.decision_id == AttributionDecision.id) & (Credit.role == "seller"))
    )
