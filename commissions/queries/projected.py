"""What closing would post of the open periods, as it was counted last."""

from typing import Any

from sqlalchemy import BigInteger, Uuid, bindparam, case, cast, func, select
from sqlalchemy.dialects.postgresql import JSONB

from commissions.queries.entries import Selection
from kit.db import fetch_all
from kit.money import as_money
from models import CommissionPlan, PayPeriod, PlanVersion, ProjectedPay, Staff
from staff.scope import guide_in_sight


def list_projected(selection: Selection) -> list[dict[str, Any]]:
    """Of each period and rule the sum for the guides of a selection, whatever its days; none of it is in the ledger."""
    name = PlanVersion.document["rules"].op("->", return_type=JSONB)(ProjectedPay.rule_no - 1)["name"].astext
    keys = (
        ProjectedPay.period_id, PayPeriod.first_day.label("period_first_day"), ProjectedPay.period_ends,
        CommissionPlan.code.label("plan_code"), PlanVersion.number.label("plan_version"), ProjectedPay.rule_no,
        case((ProjectedPay.rule_no > 0, name)).label("rule"), ProjectedPay.cause, ProjectedPay.currency,
    )  # fmt: skip
    sums = (
        cast(func.sum(ProjectedPay.fen), BigInteger).label("fen"),
        func.min(ProjectedPay.counted_at).label("counted_at"),
    )
    wanted = (
        select(*keys, *sums)
        .join(PayPeriod, PayPeriod.id == ProjectedPay.period_id)
        .join(PlanVersion, PlanVersion.id == ProjectedPay.plan_version_id)
        .join(CommissionPlan, CommissionPlan.id == PlanVersion.plan_id)
        .join(Staff, Staff.id == ProjectedPay.guide_id)
        # What was closed since is in the ledger.
        .where(PayPeriod.state == "open", guide_in_sight(Staff.id, Staff.store_id, selection.principal.reach))
    )
    if selection.guide_id:
        wanted = wanted.where(Staff.id == bindparam("guide_id", type_=Uuid))
    if selection.store_id:
        wanted = wanted.where(Staff.store_id == bindparam("store_id", type_=Uuid))
    wanted = wanted.group_by(*keys, PlanVersion.document).order_by(*keys[1:6])
    return [_told(**row) for row in fetch_all(wanted, selection.parameters())]


def _told(*, fen: int, currency: str, **others: Any) -> dict[str, Any]:
    return {**others, "amount": as_money(fen, currency)}
