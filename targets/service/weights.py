"""How much the days of a month count."""

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from kit import clock, locks
from kit.db import db
from kit.errors import Invalid
from kit.versions import expect
from kit.words import say
from models import DayWeights
from targets.queries.days import ZONE, lock_weights
from targets.rules.spreading import Weights, first_of_month


def put_weights(
    month: date,
    *,
    store_id: UUID | None,
    time_zone: str = ZONE,
    weights: Weights,
    promotion_days: Collection[date],
    expected_version: int,
    now: datetime,
) -> None:
    """Say how much the days of a month count, at one store or all others; before the month begins.

    Raises Stale, and Invalid for a month that has begun: what people were to reach on days that are gone would change.
    """
    locks.hold(f"day_weights {month}")
    held = lock_weights(month, store_id)
    expect(held.version if held else 0, expected=expected_version)
    if clock.business_day(now, time_zone) >= month:
        raise Invalid(errors={"month": [say("month_begun")]})
    if any(first_of_month(day) != month for day in promotion_days):
        raise Invalid(errors={"promotion_days": [say("outside_month")]})
    row = held or DayWeights(month=month, store_id=store_id)
    for name, value in weights._asdict().items():
        setattr(row, name, value)
    row.promotion_days = sorted(set(promotion_days))
    db.session.add(row)
    db.session.flush()
