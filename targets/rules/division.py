"""A store's target over its guides: by share and working time, for the days on which each is there.

The days of a month on which the same guides have the same shares are a segment. What the store is to reach from the
segment's first day to any of its days is split over its guides by largest remainder, ties going to the smaller staff
number; a guide's part of a day is the difference that the day makes. So every day adds up over guides, a segment's
total is split by the same rule, and nothing that comes later changes a day before. A part of a day lies within two of
its exact share: of a few pieces it may be -1 where the day before was rounded up.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from itertools import accumulate, groupby
from typing import NamedTuple
from uuid import UUID

from kit.money import split_by_weight


class Share(NamedTuple):
    """A guide's part from a first to a last day."""

    guide_id: UUID
    staff_no: str
    share_bp: int
    fte_bp: int
    first_day: date
    last_day: date

    @property
    def weight(self) -> int:
        return self.share_bp * self.fte_bp


class Absence(NamedTuple):
    """A day on which a guide is on leave, and has no part."""

    guide_id: UUID
    day: date


class Division(NamedTuple):
    """By guide, the amount of each day; and what of each day nobody is there to take."""

    by_guide: dict[UUID, list[int]]
    unassigned: list[int]


def divide(
    days: Sequence[date],
    amounts: Sequence[int],
    shares: Sequence[Share],
    *,
    absences: Collection[Absence] = (),
    joiners_on_top: bool = False,
) -> Division:
    """What each guide is to reach on each of the days, on which the store is to reach `amounts`.

    Those who were not there when the month's first shares began are joiners: they take part from the day they come, or,
    on top, get what a guide of their share would get, and leave the others' as they are. Who is on leave has no part.
    """
    away = set(absences)
    found = Division({share.guide_id: [0] * len(days) for share in shares}, list(amounts))
    founders = _founders(shares)
    base = [share for share in shares if not joiners_on_top or share.guide_id in founders]
    for start, end, present in _segments(days, base, away):
        _fill(found, present, start=start, amounts=amounts[start:end])
    if joiners_on_top:
        for start, end, present in _segments(days, shares, away):
            _add_joiners(found, present, founders, start=start, amounts=amounts[start:end])
    return found


def _founders(shares: Sequence[Share]) -> set[UUID]:
    began = min((share.first_day for share in shares), default=None)
    return {share.guide_id for share in shares if share.first_day == began}


def _segments(
    days: Sequence[date], shares: Sequence[Share], away: Collection[Absence]
) -> Iterator[tuple[int, int, list[Share]]]:
    """From and to which index of `days` which shares hold, by staff number."""
    ordered = sorted(shares, key=lambda share: share.staff_no)
    present = [
        [
            share
            for share in ordered
            if share.weight and share.first_day <= day <= share.last_day and (share.guide_id, day) not in away
        ]
        for day in days
    ]
    at = 0
    for _, run in groupby(present, key=lambda held: [(share.guide_id, share.weight) for share in held]):
        end = at + sum(1 for _ in run)
        if present[at]:
            yield at, end, present[at]
        at = end


def _fill(found: Division, shares: Sequence[Share], *, start: int, amounts: Sequence[int]) -> None:
    """Give the whole of some days to the guides."""
    weights = [share.weight for share in shares]
    had = [0] * len(shares)
    for index, so_far in enumerate(accumulate(amounts), start):
        has = split_by_weight(so_far, weights)
        for share, before, after in zip(shares, had, has, strict=True):
            found.by_guide[share.guide_id][index] += after - before
        found.unassigned[index] = 0
        had = has


def _add_joiners(
    found: Division, shares: Sequence[Share], founders: Collection[UUID], *, start: int, amounts: Sequence[int]
) -> None:
    """Give joiners, on top, what a guide of their share gets; rounded half up, of the days so far."""
    whole = sum(share.weight for share in shares if share.guide_id in founders)
    for share in shares if whole else ():
        if share.guide_id in founders:
            continue
        had = 0
        for index, so_far in enumerate(accumulate(amounts), start):
            has = (2 * so_far * share.weight + whole) // (2 * whole)
            found.by_guide[share.guide_id][index] += has - had
            had = has
