"""Selling areas of stores, with the day from which each holds."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, delete, literal_column
from sqlalchemy.dialects.postgresql import insert

from kit.codes import fold_code, is_code
from kit.db import db
from kit.errors import NotFound
from kit.problems import Problem
from kit.words import say
from models import StoreArea
from staff import queries
from staff.rules.rows import AreaRow, area_problem
from staff.service.outcomes import Outcome

Key = tuple[UUID, date]


class AreaNotFound(NotFound):
    """The store has no selling area that begins on this day."""

    code = "area_not_found"


def put_area(*, store_id: UUID, valid_from: date, area_m2: int) -> None:
    """Say how many square metres a store sells on from a day on, until the next one begins; raises StoreNotFound."""
    store = queries.lock_store(store_id)
    _put_areas({(store.id, valid_from): area_m2})


def remove_area(*, store_id: UUID, valid_from: date) -> None:
    """Take back what was said from a day on: the one before holds on; raises StoreNotFound, AreaNotFound."""
    store = queries.lock_store(store_id)
    gone = delete(StoreArea).where(StoreArea.store_id == store.id, StoreArea.valid_from == valid_from)
    if db.session.execute(gone.returning(StoreArea.id)).first() is None:
        raise AreaNotFound


def import_areas(rows: Sequence[AreaRow]) -> list[Outcome]:
    """Take in selling areas by store and day; rows that name an unknown store are rejected."""
    stores = queries.find_store_ids({row.store_code for row in rows if is_code(row.store_code)})

    def problem_of(row: AreaRow) -> Problem | None:
        if fold_code(row.store_code) not in stores:
            return Problem("store_code", say("unknown_code", code=row.store_code))
        return area_problem(row)

    problems = {index: problem for index, row in enumerate(rows) if (problem := problem_of(row))}
    keys = {
        index: (stores[fold_code(row.store_code)], row.valid_from)
        for index, row in enumerate(rows)
        if index not in problems
    }
    became = _put_areas({key: rows[index].area_m2 for index, key in keys.items()})
    return [
        Outcome(index, f"{row.store_code} {row.valid_from}", "rejected", problems[index])
        if index in problems
        else Outcome(index, f"{row.store_code} {row.valid_from}", became.get(keys[index], "unchanged"))
        for index, row in enumerate(rows)
    ]


def _put_areas(areas: dict[Key, int]) -> dict[Key, str]:
    """What became of the areas that were new or differed: "created" or "updated"."""
    if not areas:
        return {}
    rows = [
        {"store_id": store_id, "valid_from": day, "area_m2": area_m2}
        for (store_id, day), area_m2 in sorted(areas.items())
    ]
    statement = insert(StoreArea).values(rows)
    statement = statement.on_conflict_do_update(
        index_elements=["store_id", "valid_from"],
        set_={"area_m2": statement.excluded.area_m2},
        where=StoreArea.area_m2 != statement.excluded.area_m2,
    )
    fresh: ColumnElement[bool] = literal_column("xmax = 0")
    written = db.session.execute(statement.returning(StoreArea.store_id, StoreArea.valid_from, fresh))
    return {(store_id, day): "created" if created else "updated" for store_id, day, created in written}
