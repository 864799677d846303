"""Placements made, corrected and ended one at a time; what changes days that are over says why."""

from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from kit import clock
from kit.codes import fold_code
from kit.db import db
from kit.errors import Conflict, Invalid
from kit.principal import Principal
from kit.versions import expect
from kit.words import say
from models import Placement, Staff
from staff import queries
from staff.rules import works_on
from staff.rules.placements import ONE_DAY, Stint, ended_before, lasts_until
from staff.service.organisation import let_leave

FACTS = ("store_id", "role", "grade", "employment", "fte_bp", "first_day", "last_day")


class PlacementIdTaken(Conflict):
    """A placement with this id exists and is another one: of somebody else, or elsewhere, or from another day on."""

    code = "placement_id_taken"


class PlacementsOverlap(Conflict):
    """The person is at home in another store, or in the same role there, on one of the days (`placement_id`)."""

    code = "placements_overlap"


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """In what somebody works where, and from when to when; `fte_bp` in basis points of full time."""

    store_id: UUID
    role: str
    grade: str | None
    employment: str
    fte_bp: int
    first_day: date
    last_day: date | None


def add_placement(
    placement_id: UUID,
    *,
    staff_id: UUID,
    store_code: str,
    reason: str | None,
    principal: Principal,
    now: datetime,
    **terms: Any,
) -> UUID:
    """Place a person of one's scope at home in a store from a day on; the same again is the first one.

    A home elsewhere ends the day before; without a last day it goes on until the next home, or the last day of all.
    Raises StaffNotFound, PlacementIdTaken, PlacementsOverlap, and Invalid for an unknown store, days outside the
    employment, and days that are over without a reason.
    """
    queries.get_person(staff_id, principal=principal)
    person = queries.lock_person(staff_id)
    wanted = Terms(store_id=_store(store_code), **terms)
    if earlier := db.session.get(Placement, placement_id):
        return _expect_same(earlier, person, wanted)
    others = queries.homes_of([person.id]).get(person.id, [])
    history = [Stint(one.store_id, one.role, one.first_day, one.last_day) for one in others]
    start, here = wanted.first_day, wanted.store_id
    until = lasts_until(history, start, left_on=person.left_on, beside=here)
    wanted = replace(wanted, last_day=wanted.last_day or until)
    _check_days(person, wanted)
    if wanted.first_day < _today(wanted.store_id, now) and not reason:
        raise _reason_missing()
    for other, left in zip(others, ended_before(history, start, beside=here), strict=True):
        if other.last_day != left.last_day:
            other.last_day, other.end_reason = left.last_day, "moved"
    db.session.flush()
    _refuse_overlap(others, wanted, kind="home")
    db.session.add(Placement(id=placement_id, staff_id=person.id, reason=reason, **asdict(wanted)))
    db.session.flush()
    return placement_id


def change_placement(
    placement_id: UUID,
    *,
    changes: dict[str, Any],
    reason: str | None,
    principal: Principal,
    expected_version: int,
    now: datetime,
) -> None:
    """Correct a placement, also of days that are over: that takes a reason, and the audit log keeps what it was.

    Raises PlacementNotFound, Stale, PlacementsOverlap, and Invalid as `add_placement` does.
    """
    row = queries.get_placement(placement_id, principal=principal)
    person = queries.lock_person(row["staff_id"])
    placement = queries.lock_placement(placement_id)
    expect(placement.version, expected=expected_version)
    if code := changes.pop("store_code", None):
        changes["store_id"] = _store(code)
    end_reason = changes.pop("end_reason", placement.end_reason)
    held = Terms(**{name: getattr(placement, name) for name in FACTS})
    wanted = replace(held, **changes)
    _check_days(person, wanted)
    if _touches_past(held, wanted, today=_today(wanted.store_id, now)) and not reason:
        raise _reason_missing()
    others = [one for one in queries.placements_of(person.id) if one.id != placement.id]
    _refuse_overlap(others, wanted, kind=placement.kind)
    for name, value in asdict(wanted).items():
        setattr(placement, name, value)
    placement.end_reason = end_reason if wanted.last_day else None
    placement.reason = reason or placement.reason
    db.session.flush()


def end_placement(
    placement_id: UUID,
    *,
    last_day: date,
    end_reason: str,
    reason: str | None,
    principal: Principal,
    expected_version: int,
    now: datetime,
) -> None:
    """End a placement with a day; by the reason `left` the person leaves the chain that day, and all their work ends.

    Raises as `change_placement` does, and LastAdmin.
    """
    change_placement(
        placement_id,
        changes={"last_day": last_day, "end_reason": end_reason},
        reason=reason,
        principal=principal,
        expected_version=expected_version,
        now=now,
    )
    if end_reason == "left":
        let_leave(queries.lock_placement(placement_id).staff_id, on=last_day)


def _store(code: str) -> UUID:
    found = queries.find_store_ids([code]).get(fold_code(code))
    if found is None:
        raise Invalid(errors={"store_code": [say("unknown_code", code=code)]})
    return found


def _expect_same(earlier: Placement, person: Staff, wanted: Terms) -> UUID:
    """The id of the placement that is there, if that is what was asked for; its last day may have come of itself."""
    said = asdict(wanted) | {"staff_id": person.id}
    if said["last_day"] is None:
        said["last_day"] = earlier.last_day
    if any(getattr(earlier, name) != value for name, value in said.items()):
        raise PlacementIdTaken
    return earlier.id


def _check_days(person: Staff, wanted: Terms) -> None:
    for name, day in (("first_day", wanted.first_day), ("last_day", wanted.last_day)):
        if day and not works_on(day, hired_on=person.hired_on, left_on=person.left_on):
            raise Invalid(errors={name: [say("not_employed")]})
    if wanted.last_day and wanted.last_day < wanted.first_day:
        raise Invalid(errors={"last_day": [say("dates_reversed.placement")]})


def _refuse_overlap(others: list[Placement], wanted: Terms, *, kind: str) -> None:
    for other in others:
        apart = other.first_day > (wanted.last_day or date.max) or (other.last_day or date.max) < wanted.first_day
        elsewhere = other.store_id != wanted.store_id
        clashes = kind == other.kind == "home" if elsewhere else other.role == wanted.role
        if clashes and not apart:
            raise PlacementsOverlap(placement_id=other.id)


def _touches_past(held: Terms, wanted: Terms, *, today: date) -> bool:
    """Whether days before today are another story than they were."""
    if replace(wanted, last_day=held.last_day) != held:
        return min(held.first_day, wanted.first_day) < today
    ends = {held.last_day or date.max, wanted.last_day or date.max}
    return len(ends) > 1 and min(ends) < today - ONE_DAY


def _today(store_id: UUID, now: datetime) -> date:
    return clock.business_day(now, queries.find_zones([store_id])[store_id])


def _reason_missing() -> Invalid:
    return Invalid(errors={"reason": [say("reason_required.over")]})
