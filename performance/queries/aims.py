"""What a subject is to reach in a month, and how far it is."""

from datetime import date, datetime
from functools import partial
from typing import NamedTuple

from kit import clock
from kit.principal import Principal
from performance.queries.subjects import Subject
from staff.queries import get_person
from targets.queries.breakdown import break_down
from targets.queries.days import standings
from targets.queries.targets import TargetRow, list_targets
from targets.rules.spreading import Pair, attainment, time_progress


class Aim(NamedTuple):
    """A target of a month with how far it is; `attainment` is None where there is nothing to achieve."""

    metric: str
    month: date
    currency: str | None
    amount: int
    achieved: int
    attainment: Pair | None
    time_progress: Pair


def list_aims(subject: Subject, *, month: date, principal: Principal, now: datetime) -> list[Aim]:
    """The approved targets of the subject for the month, or of a guide also the share of their store's."""
    if subject.kind == "guide":
        return _of_guide(subject, month=month, principal=principal, now=now)
    region_id, store_id = (subject.id, None) if subject.kind == "region" else (None, subject.id)
    asked = partial(list_targets, principal=principal, after=None, limit=None, month=month, level=subject.kind)
    found = asked(region_id=region_id, store_id=store_id)
    rows = [row for row in found if row.amount is not None and subject.id in (row.store_id, row.region_id)]
    how_far = standings(rows, now=now)
    return sorted(_aim(row, how_far[row.id].achieved, how_far[row.id].time_progress) for row in rows)


def _aim(row: TargetRow, achieved: int, progress: Pair) -> Aim:
    amount = row.amount or 0
    return Aim(row.metric, row.month, row.currency, amount, achieved, attainment(achieved, amount), progress)


def _of_guide(subject: Subject, *, month: date, principal: Principal, now: datetime) -> list[Aim]:
    """By name where there is such a target, else their share of the store's."""
    home = get_person(subject.id, principal=principal)["store_id"]
    if home is None:
        return []
    rows = list_targets(principal=principal, after=None, limit=None, month=month, store_id=home)
    approved = [row for row in rows if row.amount is not None]
    named = [row for row in approved if row.guide_id == subject.id]
    how_far = standings(named, now=now)
    found = {row.metric: _aim(row, how_far[row.id].achieved, how_far[row.id].time_progress) for row in named}
    for row in approved:
        if row.level == "store" and row.metric not in found:
            found.update((aim.metric, aim) for aim in _shares(subject, row, now=now))
    return sorted(found.values())


def _shares(subject: Subject, row: TargetRow, *, now: datetime) -> list[Aim]:
    whole = break_down(row)
    progress = time_progress(whole.days, through=clock.business_day(now, subject.time_zone))
    return [
        Aim(row.metric, row.month, row.currency, share.amount, share.achieved, share.attainment, progress)
        for share in whole.guides
        if share.guide_id == subject.id
    ]
