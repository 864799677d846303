"""What corrections of placements say anew of days that are paid already."""

from datetime import date
from typing import Any

from sqlalchemy import and_, func, literal, or_, select, tuple_
from sqlalchemy.orm import aliased

from kit.db import fetch_all
from models import PayGroupStore, PayPeriod, PlacementCorrection, Staff, Store
from models.commissions_periods import CLOSED_STATES, EVERY_OTHER_STORE

Row = dict[str, Any]


def list_corrections(*, first: date | None, last: date | None, after: list[Any] | None, limit: int) -> list[Row]:
    """Corrections of days in periods that were approved before, the latest first, once for each period.

    `first` and `last` are of the days that a correction touches; past the key `after` (correction, period).
    """
    said, by = PlacementCorrection, aliased(Staff)
    group = func.coalesce(PayGroupStore.group_code, EVERY_OTHER_STORE)
    paid = and_(
        *(PayPeriod.group_code == group, PayPeriod.state.in_(CLOSED_STATES)),
        *(PayPeriod.first_day <= said.last_day, PayPeriod.last_day >= said.first_day),
        or_(PayPeriod.approved_at.is_(None), PayPeriod.approved_at <= said.corrected_at),
    )
    wanted = (
        select(
            *(said.id, said.placement_id, said.staff_id, Staff.staff_no, Staff.name.label("staff_name")),
            *(said.store_id, Store.code.label("store_code"), said.before, said.after, said.reason, said.corrected_at),
            *(said.corrected_by, by.staff_no.label("corrected_by_no"), PayPeriod.id.label("period_id")),
            *(PayPeriod.group_code, PayPeriod.first_day.label("period_first_day"), PayPeriod.state),
            PayPeriod.last_day.label("period_last_day"),
            func.greatest(said.first_day, PayPeriod.first_day).label("first_day"),
            func.least(said.last_day, PayPeriod.last_day).label("last_day"),
        )
        .join(Staff, Staff.id == said.staff_id)
        .join(Store, Store.id == said.store_id)
        .outerjoin(PayGroupStore, PayGroupStore.store_id == said.store_id)
        .join(PayPeriod, paid)
        .outerjoin(by, by.id == said.corrected_by)
    )
    if first:
        wanted = wanted.where(said.last_day >= first)
    if last:
        wanted = wanted.where(said.first_day <= last)
    if after:
        wanted = wanted.where(tuple_(said.id, PayPeriod.id) < tuple_(literal(after[0]), literal(after[1])))
    return list(fetch_all(wanted.order_by(said.id.desc(), PayPeriod.id.desc()).limit(limit)))
