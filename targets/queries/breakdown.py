"""What a store's target comes to, day by day and guide by guide."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from kit import clock
from kit.principal import Principal
from orders.queries import sold_by_guides
from staff.queries import get_store
from targets.queries.days import Standing, month_days, sold_of
from targets.queries.shares import NamedShare, find_division, list_absences, list_shares
from targets.queries.targets import TargetRow, find_own_amounts, find_store_amounts
from targets.rules.division import Division, divide
from targets.rules.spreading import DayWeight, Pair, attainment, last_of_month, spread, time_progress


class GuideTarget(NamedTuple):
    """A guide's part of a store's target, and how far they are."""

    guide_id: UUID
    staff_no: str
    guide_name: str
    amount: int
    by_day: list[int]
    is_own: bool
    achieved: int
    attainment: Pair | None


class Breakdown(NamedTuple):
    """A target over the days of its month, and a store's over its guides."""

    days: list[DayWeight]
    amounts: list[int]
    guides: list[GuideTarget]
    unassigned: int


class MyTarget(NamedTuple):
    """What a guide is to reach in a month."""

    metric: str
    currency: str | None
    amount: int
    today: int | None
    standing: Standing


def break_down(row: TargetRow) -> Breakdown:
    """The approved amount of a target (0 before) over its days and, of a store, over its guides."""
    days = month_days(row.month, country=row.country or "CN", store_id=row.store_id)
    amounts = spread(row.amount or 0, days)
    if row.level != "store" or row.store_id is None:
        return Breakdown(days, amounts, [], 0)
    guides, unassigned = _guides(row.store_id, row.month, row.metric, row.currency, days=days, amounts=amounts)
    return Breakdown(days, amounts, guides, unassigned)


def list_my_targets(principal: Principal, *, month: date | None, now: datetime) -> list[MyTarget]:
    """What a guide is to reach at their own store: by name where there is such a target, else their share."""
    if principal.store_id is None:
        return []
    store = get_store(principal.store_id, principal=principal)
    today = clock.business_day(now, store.time_zone)
    wanted = month or today.replace(day=1)
    found = []
    for metric, (amount, currency) in sorted(find_store_amounts(store.id, wanted).items()):
        days = month_days(wanted, country=store.country, store_id=store.id)
        guides, _ = _guides(store.id, wanted, metric, currency, days=days, amounts=spread(amount, days))
        mine = [guide for guide in guides if guide.guide_id == principal.id]
        found += [_mine(guide, metric, currency, days=days, today=today) for guide in mine]
    return found


def _mine(guide: GuideTarget, metric: str, currency: str | None, *, days: Sequence[DayWeight], today: date) -> MyTarget:
    due = {day.day: amount for day, amount in zip(days, guide.by_day, strict=True)}
    standing = Standing(guide.achieved, guide.attainment, time_progress(days, through=today), today)
    return MyTarget(metric, currency, guide.amount, due.get(today), standing)


def _guides(
    store_id: UUID, month: date, metric: str, currency: str | None, *, days: Sequence[DayWeight], amounts: Sequence[int]
) -> tuple[list[GuideTarget], int]:
    division = find_division(store_id, month)
    shares = list_shares(division.id) if division else []
    parts = divide(
        [day.day for day in days],
        amounts,
        [named.share for named in shares],
        absences=list_absences(division.id) if division else (),
        joiners_on_top=division.joiners_on_top if division else False,
    )
    own = find_own_amounts(store_id, month, metric)
    sold = sold_by_guides([store_id], first=month, last=last_of_month(month))
    achieved: dict[UUID, int] = {}
    for (_, guide_id, sold_in), sums in sold.items():
        if currency in (None, sold_in):
            achieved[guide_id] = achieved.get(guide_id, 0) + sold_of(metric, sums)
    people = {named.share.guide_id: named for named in shares}
    return [
        _guide(named, parts, own.get(guide_id), achieved.get(guide_id, 0), days) for guide_id, named in people.items()
    ], sum(parts.unassigned)


def _guide(
    named: NamedShare, parts: Division, own: int | None, achieved: int, days: Sequence[DayWeight]
) -> GuideTarget:
    share = named.share
    by_day = parts.by_guide[share.guide_id] if own is None else spread(own, days)
    amount = sum(by_day)
    is_own, how_far = own is not None, attainment(achieved, amount)
    return GuideTarget(share.guide_id, share.staff_no, named.name, amount, by_day, is_own, achieved, how_far)
