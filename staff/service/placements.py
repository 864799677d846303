"""Where people work: moves from a day on, told by files and by people, and the store of today that follows."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text

from kit import clock
from kit.db import db
from models import Placement
from staff import queries
from staff.queries import Worker
from staff.rules.placements import ONE_DAY, Stint, moved

# People for whom a home begins or has just ended: a job asks often, and looks back as far as it may have been late.
MOVE_NEAR = text("""
SELECT move_home(ARRAY(
  SELECT staff_id FROM placement WHERE kind = 'home' AND first_day BETWEEN :since AND :until
  UNION SELECT staff_id FROM placement WHERE kind = 'home' AND last_day BETWEEN :since AND :until
), :now)""")
MOVE_ALL = text("SELECT move_home(ARRAY(SELECT DISTINCT staff_id FROM placement WHERE kind = 'home'), :now)")


class Told(NamedTuple):
    """Where somebody, known by the key of their staff number, is said to work: from `day` on, or from today."""

    key: str
    store_id: UUID | None
    roles: frozenset[str]
    day: date | None
    is_new: bool = False


def place_people(told: Sequence[Told], *, now: datetime) -> set[str]:
    """Move people to where they are said to work; the keys of those for whom that changed anything.

    Without a day it is today, in the store, and only a change counts; a day that is named begins a placement of its
    own, so that any order of telling gives the same history.
    """
    by_key = {one.key: one for one in told}
    # Most rows of a file say what is so already, and lock nobody.
    moving = [worker.key for worker, *_ in _moving(queries.find_workers(by_key), by_key, now)]
    changed: set[str] = set()
    for worker, held, day in _moving(queries.lock_workers(moving), by_key, now) if moving else ():
        if by_key[worker.key].is_new:
            for home in held:
                home.first_day = day
        elif _place(worker, held, by_key[worker.key], day):
            changed.add(worker.key)
    db.session.flush()
    return changed


def _moving(
    workers: Sequence[Worker], by_key: dict[str, Told], now: datetime
) -> Iterator[tuple[Worker, list[Placement], date]]:
    """Those who are said to work elsewhere than they do, with their homes, and the day from which."""
    homes = queries.homes_of([worker.id for worker in workers])
    at_store = {one.store_id for one in by_key.values() if one.store_id}
    zones = queries.find_zones(at_store | {home.store_id for held in homes.values() for home in held})
    for worker in workers:
        held, said = homes.get(worker.id, []), by_key[worker.key]
        day = said.day or _today(worker, held, said, zones, now)
        if _differs(held, said, day):
            yield worker, held, day


def move_homes(*, now: datetime, everybody: bool = False) -> int:
    """Let people whose home began or ended be in its store; how many moved. Safe to run again.

    Of placements that changed the database does so itself; here it is midnight that moves people.
    """
    if everybody:
        return db.session.scalar(MOVE_ALL, {"now": now}) or 0
    today = now.date()
    near = {"since": today - 3 * ONE_DAY, "until": today + ONE_DAY, "now": now}
    return db.session.scalar(MOVE_NEAR, near) or 0


def _today(worker: Worker, held: Sequence[Placement], said: Told, zones: dict[UUID, str], now: datetime) -> date:
    store_id = said.store_id or (held[-1].store_id if held else None)
    today = clock.business_day(now, zones[store_id]) if store_id else clock.business_day(now, queries.Home().time_zone)
    last = worker.left_on or date.max
    return max(worker.hired_on, min(today, last))


def _differs(held: Sequence[Placement], said: Told, day: date) -> bool:
    if said.day is not None:
        return said.store_id is not None and (not said.is_new or any(home.first_day != day for home in held))
    if said.is_new:
        return False
    running = {(home.store_id, home.role) for home in held if _stint(home).holds(day)}
    return running != {(said.store_id, role) for role in said.roles if said.store_id}


def _place(worker: Worker, held: Sequence[Placement], said: Told, day: date) -> bool:
    """Write what the move makes of the history; whether it was another before."""
    history = [_stint(home) for home in held]
    if said.store_id is None:
        return _end(held, day=day - ONE_DAY)
    wanted = moved(history, store_id=said.store_id, roles=said.roles, day=day, left_on=worker.left_on)
    if sorted(history, key=str) == sorted(wanted, key=str):
        return False
    _write(worker, held, wanted)
    return True


def _end(held: Collection[Placement], *, day: date) -> bool:
    """End what runs on the day after `day`; what would begin with that day or later is gone."""
    ended = [home for home in held if home.last_day is None or home.last_day > day]
    for home in ended:
        if home.first_day > day:
            db.session.delete(home)
        else:
            home.last_day, home.end_reason = day, "ended"
    return bool(ended)


def _write(worker: Worker, held: Sequence[Placement], wanted: Sequence[Stint]) -> None:
    """Make the homes those that are wanted; one that begins that day in that role stays the row that it was."""
    rows = {(home.first_day, home.role): home for home in held}
    kept = {(stint.first_day, stint.role) for stint in wanted}
    for key, home in rows.items():
        if key not in kept:
            db.session.delete(home)
    db.session.flush()
    for stint in wanted:
        home = rows.get((stint.first_day, stint.role)) or _new(worker, stint, rows)
        if home.last_day != stint.last_day:
            home.last_day = stint.last_day
            home.end_reason = "left" if stint.last_day == worker.left_on is not None else "moved"
        home.store_id = stint.store_id
        db.session.flush()


def _new(worker: Worker, stint: Stint, rows: dict[tuple[date, str], Placement]) -> Placement:
    """A home of its own, with the grade and hours that the person had in the role before."""
    before = [home for (first, role), home in rows.items() if role == stint.role and first < stint.first_day]
    home = Placement(staff_id=worker.id, store_id=stint.store_id, role=stint.role, first_day=stint.first_day)
    home.last_day = stint.last_day
    home.end_reason = ("left" if stint.last_day == worker.left_on else "moved") if stint.last_day else None
    if before:
        like = max(before, key=lambda one: one.first_day)
        home.grade, home.employment, home.fte_bp = like.grade, like.employment, like.fte_bp
    db.session.add(home)
    return home


def _stint(home: Placement) -> Stint:
    return Stint(home.store_id, home.role, home.first_day, home.last_day)
