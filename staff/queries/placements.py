"""Who was placed where on which day: what every "store of that day" is read from."""

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Select,
    and_,
    exists,
    or_,
    select,
)
from sqlalchemy.orm import InstrumentedAttribute, aliased

from kit.db import db, fetch_all, fetch_one
from kit.errors import NotFound
from kit.principal import Principal
from models import Placement, Staff, Store
from staff.scope import sees_person

Day = date | ColumnElement[date] | InstrumentedAttribute[date]
Person = UUID | ColumnElement[UUID] | InstrumentedAttribute[UUID] | InstrumentedAttribute[UUID | None]


class PlacementNotFound(NotFound):
    """There is no such placement of somebody within the principal's scope."""

    code = "placement_not_found"


def holds_on(placement: type[Placement], day: Day) -> ColumnElement[bool]:
    """True for placements whose days, first and last included, include `day`."""
    return and_(placement.first_day <= day, or_(placement.last_day.is_(None), placement.last_day >= day))


def store_of(staff_id: Person, day: Day) -> ScalarSelect[UUID]:
    """The home store of a person on a store's day, for use in any statement; NULL when they had none."""
    home = aliased(Placement)
    found = select(home.store_id).where(home.staff_id == staff_id, home.kind == "home", holds_on(home, day))
    return found.limit(1).scalar_subquery()


def placed_on(staff_id: Person, store_id: Person, day: Day, *, roles: Collection[str] = ()) -> ColumnElement[bool]:
    """True where a person was placed in a store on a day, at home or as cover; in one of `roles`, if any is named."""
    held = aliased(Placement)
    found = exists().where(held.staff_id == staff_id, held.store_id == store_id, holds_on(held, day))
    return found.where(held.role.in_(sorted(roles))) if roles else found


def list_placements(staff_id: UUID, *, principal: Principal, limit: int) -> list[dict[str, Any]]:
    """Where a person worked, works and will work, the latest first: of people in scope."""
    wanted = _placements().where(Placement.staff_id == staff_id, sees_person(principal))
    return list(fetch_all(wanted.order_by(Placement.first_day.desc(), Placement.id).limit(limit)))


def get_placement(placement_id: UUID, *, principal: Principal) -> dict[str, Any]:
    """A placement of a person in scope; raises PlacementNotFound."""
    found = fetch_one(_placements().where(Placement.id == placement_id, sees_person(principal)))
    if found is None:
        raise PlacementNotFound
    return found


def lock_placement(placement_id: UUID) -> Placement:
    """A placement, kept from other changes until the unit of work ends; raises PlacementNotFound."""
    wanted = select(Placement).where(Placement.id == placement_id).with_for_update()
    placement = db.session.scalar(wanted.execution_options(populate_existing=True))
    if placement is None:
        raise PlacementNotFound
    return placement


def homes_of(staff_ids: Collection[UUID]) -> dict[UUID, list[Placement]]:
    """All homes of these people, by person, each person's by day."""
    wanted = select(Placement).where(Placement.staff_id.in_(staff_ids), Placement.kind == "home")
    wanted = wanted.order_by(Placement.staff_id, Placement.first_day, Placement.role)
    found: dict[UUID, list[Placement]] = {}
    for placement in db.session.scalars(wanted.execution_options(populate_existing=True)):
        found.setdefault(placement.staff_id, []).append(placement)
    return found


def placements_of(staff_id: UUID) -> list[Placement]:
    """All placements of a person, by day."""
    wanted = select(Placement).where(Placement.staff_id == staff_id).order_by(Placement.first_day, Placement.role)
    return list(db.session.scalars(wanted.execution_options(populate_existing=True)))


def find_covers(staff_id: UUID, store_id: UUID, *, days: Collection[date]) -> list[Placement]:
    """The covers of a person in a store that touch one of the days, by day."""
    wanted = select(Placement).where(Placement.staff_id == staff_id, Placement.store_id == store_id)
    wanted = wanted.where(Placement.kind == "cover", or_(*(holds_on(Placement, day) for day in sorted(set(days)))))
    return list(db.session.scalars(wanted.order_by(Placement.first_day)))


def list_covers(
    store_id: UUID, *, from_day: date | None, to_day: date | None, after: list[Any] | None, limit: int
) -> list[dict[str, Any]]:
    """Who covers in a store on any of the days from `from_day` to `to_day`, past the (first day, id) `after`."""
    statement = _covers().where(Placement.store_id == store_id, Placement.kind == "cover")
    if from_day:
        statement = statement.where(or_(Placement.last_day.is_(None), Placement.last_day >= from_day))
    if to_day:
        statement = statement.where(Placement.first_day <= to_day)
    if after:
        past, cover_id = date.fromisoformat(after[0]), UUID(after[1])
        beyond = or_(Placement.first_day > past, and_(Placement.first_day == past, Placement.id > cover_id))
        statement = statement.where(beyond)
    return list(fetch_all(statement.order_by(Placement.first_day, Placement.id).limit(limit)))


def list_covers_made(ids: Collection[UUID]) -> list[dict[str, Any]]:
    """These covers, as `list_covers` has them."""
    return list(fetch_all(_covers().where(Placement.id.in_(ids)).order_by(Placement.first_day, Placement.id)))


def _covers() -> Select[*tuple[Any, ...]]:
    columns = (Placement.id, Placement.first_day, Placement.last_day, Placement.role, Placement.staff_id)
    return select(*columns, Staff.staff_no, Staff.name).join(Staff, Staff.id == Placement.staff_id)


def _placements() -> Select[*tuple[Any, ...]]:
    return (
        select(
            *(Placement.id, Placement.staff_id, Staff.staff_no, Staff.name.label("staff_name")),
            *(Placement.store_id, Store.code.label("store_code"), Store.name.label("store_name")),
            *(Placement.kind, Placement.role, Placement.grade, Placement.employment, Placement.fte_bp),
            *(Placement.first_day, Placement.last_day, Placement.end_reason, Placement.reason, Placement.version),
        )
        .join(Staff, Staff.id == Placement.staff_id)
        .join(Store, Store.id == Placement.store_id)
    )
