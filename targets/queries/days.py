"""What the days of a month count, and how far people have come."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import or_, select

from kit import clock
from kit.db import db
from models import DayWeights, Region, Store
from orders.queries import Credited, Sold, sold_by_guides, sold_by_stores
from staff.queries import Home, read_calendar
from targets.queries.targets import TargetRow
from targets.rules.spreading import DayWeight, Pair, Weights, attainment, classified, last_of_month, time_progress

Sales = dict[tuple[UUID, str], Sold]
# Of regions, whose stores may lie in several.
ZONE, CURRENCY = Home().time_zone, Home().currency
GuideSales = dict[tuple[UUID, UUID, str], Credited]


class Standing(NamedTuple):
    """How far a target is, at the end of the day `as_of`."""

    achieved: int
    attainment: Pair | None
    time_progress: Pair
    as_of: date


def find_weights(month: date, store_id: UUID | None) -> DayWeights | None:
    """A store's weights of a month, else those of all stores, else None: the defaults of `Weights` count."""
    own = or_(DayWeights.store_id.is_(None), DayWeights.store_id == store_id)
    wanted = select(DayWeights).where(DayWeights.month == month, own).order_by(DayWeights.store_id.nulls_last())
    return db.session.scalars(wanted.limit(1)).first()


def lock_weights(month: date, store_id: UUID | None) -> DayWeights | None:
    """The very weights of a store, or of all stores, kept from other changes until the unit of work ends."""
    wanted = select(DayWeights).where(DayWeights.month == month, DayWeights.store_id.is_not_distinct_from(store_id))
    return db.session.scalar(wanted.with_for_update().execution_options(populate_existing=True))


def month_days(month: date, *, country: str, store_id: UUID | None) -> list[DayWeight]:
    """The days of a month with what they count at a store of a country."""
    held = find_weights(month, store_id)
    weights = Weights(held.weekday_bp, held.weekend_bp, held.festival_bp, held.promotion_bp) if held else Weights()
    calendar = read_calendar(country, first=month, last=last_of_month(month))
    return classified(
        [(day.day, day.kind, day.festival) for day in calendar.days],
        promotions=held.promotion_days if held else (),
        weights=weights,
    )


def standings(rows: Sequence[TargetRow], *, now: datetime) -> dict[UUID, Standing]:
    """How far each of the targets is, by id: what was sold up to now, and how much of the month is over."""
    found: dict[UUID, Standing] = {}
    days: dict[tuple[date, str, UUID | None], list[DayWeight]] = {}
    for month in {row.month for row in rows}:
        of_month = [row for row in rows if row.month == month]
        sales, by_guide, regions = _sales(of_month, month)
        for row in of_month:
            key = (month, row.country or "CN", row.store_id)
            if key not in days:
                days[key] = month_days(month, country=key[1], store_id=row.store_id)
            as_of = clock.business_day(now, row.time_zone or ZONE)
            achieved = _achieved(row, sales, by_guide, regions)
            progress = time_progress(days[key], through=as_of)
            found[row.id] = Standing(achieved, attainment(achieved, row.amount), progress, as_of)
    return found


def sold_of(metric: str, sold: Sold | Credited) -> int:
    """The figure of `sold` that a target of this metric aims at."""
    return {"net_sales": sold.net_sales_fen, "orders": sold.orders, "units": sold.units}[metric]


def _achieved(row: TargetRow, sales: Sales, by_guide: GuideSales, regions: dict[UUID, list[UUID]]) -> int:
    def counts(currency: str) -> bool:
        return row.currency is None or row.currency == currency

    if row.guide_id:
        of_guide = {key: sold for key, sold in by_guide.items() if key[:2] == (row.store_id, row.guide_id)}
        return sum(sold_of(row.metric, sold) for (_, _, currency), sold in of_guide.items() if counts(currency))
    stores = set(regions.get(row.region_id, ())) if row.region_id else {row.store_id}
    found = [sold for (store_id, currency), sold in sales.items() if store_id in stores and counts(currency)]
    return sum(sold_of(row.metric, sold) for sold in found)


def _sales(rows: Sequence[TargetRow], month: date) -> tuple[Sales, GuideSales, dict[UUID, list[UUID]]]:
    """What the stores of the targets sold in a month, what their guides, and which stores the regions have."""
    last = last_of_month(month)
    regions = {row.region_id: _stores_of(row.region_id) for row in rows if row.region_id}
    stores = {row.store_id for row in rows if row.level == "store" and row.store_id}
    stores |= {store_id for inside in regions.values() for store_id in inside}
    of_guides = {row.store_id for row in rows if row.level == "guide" and row.store_id}
    sales = sold_by_stores(stores, first=month, last=last) if stores else {}
    return sales, sold_by_guides(of_guides, first=month, last=last) if of_guides else {}, regions


def _stores_of(region_id: UUID) -> list[UUID]:
    inside = select(Store.id).join(Region).where(Region.ancestor_ids.contains([region_id]))
    return list(db.session.scalars(inside))
