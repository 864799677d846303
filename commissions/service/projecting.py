"""What closing would post of the open periods, kept for those who look at their pay again and again."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select

from commissions.queries.periods import lock_period
from commissions.service.closing import Projected, project_period
from kit.db import db
from models import PayPeriod, ProjectedPay


def begin_projections() -> list[UUID]:
    """The periods that nobody has closed yet; forgets what was kept of others: that is in the ledger by now."""
    is_open = select(PayPeriod.id).where(PayPeriod.state == "open")
    db.session.execute(delete(ProjectedPay).where(ProjectedPay.period_id.not_in(is_open)))
    return list(db.session.scalars(is_open.order_by(PayPeriod.first_day)))


def keep_projection(*, period_id: UUID, now: datetime) -> int:
    """Count anew what closing would post of an open period, in fen; how many rows that is. Raises PayPeriodNotFound."""
    if lock_period(period_id).state != "open":
        return 0
    own = {"period_id": period_id, "counted_at": now}
    rows = [{**own, **row} for one in project_period(period_id) for row in _sums(one)]
    db.session.execute(delete(ProjectedPay).where(ProjectedPay.period_id == period_id))
    if rows:
        db.session.execute(insert(ProjectedPay), rows)
    return len(rows)


def _sums(projected: Projected) -> Iterator[dict[str, Any]]:
    """Of each rule what each guide would get, lines together."""
    span, sums = projected.span, dict[tuple[UUID, int, str], int]()
    for row in projected.rows:
        if row.guide_id:
            key = (row.guide_id, row.rule_no, row.cause)
            sums[key] = sums.get(key, 0) + row.fen
    for (guide_id, rule_no, cause), fen in sums.items():
        yield {
            "guide_id": guide_id,
            "rule_no": rule_no,
            "cause": cause,
            "fen": fen,
            "currency": span.plan.currency,
            "plan_version_id": span.version_id,
            "period_ends": span.days.last,
        }
