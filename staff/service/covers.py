"""Days on which someone serves in another store: placements of the kind `cover`."""

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from kit.db import db
from kit.errors import Conflict, Invalid
from kit.principal import Principal
from kit.words import say
from models import Placement, Staff
from staff import queries
from staff.rules.placements import FULL_TIME_BP, runs_of


class AlreadyAtHome(Conflict):
    """The store is the person's own on one of the days: there is nothing to cover."""

    code = "already_at_home"


def add_cover(*, store_id: UUID, staff_no: str, days: Collection[date], principal: Principal) -> list[UUID]:
    """Let someone serve in a store on some days, and see on those days what its people see; the ids of the covers.

    Days in a row make one cover; what is covered already stays as it is, and its cover is answered. They cover in what
    they are at home, for as much of full time. The store must be in the principal's scope; the person may come from
    anywhere. Raises StoreNotFound, AlreadyAtHome, and Invalid for a person who is not employed on one of the days.
    """
    store = queries.get_store(store_id, principal=principal)
    person = queries.find_staff_by_no(staff_no)
    if person is None:
        raise Invalid(errors={"staff_no": [say("unknown_code", code=staff_no)]})
    if any(day < person.hired_on or (person.left_on and day > person.left_on) for day in days):
        raise Invalid(errors={"days": [say("not_employed")]})
    person = queries.lock_person(person.id)
    homes = queries.homes_of([person.id]).get(person.id, [])
    if any(home.store_id == store.id and _holds(home, day) for home in homes for day in days):
        raise AlreadyAtHome
    held = queries.find_covers(person.id, store.id, days=days)
    covered = {day for day in days if any(_holds(cover, day) for cover in held)}
    rows = [
        {"staff_id": person.id, "store_id": store.id, "kind": "cover", "first_day": first, "last_day": last}
        | _terms(person, homes, first)
        for first, last in runs_of(set(days) - covered)
    ]
    made = db.session.scalars(insert(Placement).values(rows).returning(Placement.id)) if rows else ()
    return [*(cover.id for cover in held), *made]


def remove_cover(*, store_id: UUID, cover_id: UUID, principal: Principal) -> None:
    """Take back a cover; raises StoreNotFound, CoverNotFound."""
    store = queries.get_store(store_id, principal=principal)
    this = (Placement.id == cover_id, Placement.store_id == store.id, Placement.kind == "cover")
    if db.session.execute(delete(Placement).where(*this).returning(Placement.id)).first() is None:
        raise queries.CoverNotFound


def _holds(placement: Placement, day: date) -> bool:
    return placement.first_day <= day and (placement.last_day is None or placement.last_day >= day)


def _terms(person: Staff, homes: Collection[Placement], day: date) -> dict[str, Any]:
    """In what somebody covers who is at home in `homes`: the role that counts most, with its grade and hours."""
    held = {home.role: home for home in homes if _holds(home, day)}
    role = next((role for role in ("store_manager", "guide") if role in (held or person.roles)), "support")
    like = held.get(role)
    if like is None:
        return {"role": role, "grade": None, "employment": "full_time", "fte_bp": FULL_TIME_BP}
    return {"role": role, "grade": like.grade, "employment": like.employment, "fte_bp": like.fte_bp}
