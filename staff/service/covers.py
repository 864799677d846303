"""Days on which someone serves in another store."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from kit.db import db
from kit.errors import Conflict, Invalid
from kit.principal import Principal
from kit.words import say
from models import StoreCover
from staff import queries


class AlreadyAtHome(Conflict):
    """The store is the person's own: there is nothing to cover."""

    code = "already_at_home"


def add_cover(*, store_id: UUID, staff_no: str, days: Collection[date], principal: Principal) -> None:
    """Let someone serve in a store on some days, and see on those days what its people see; again changes nothing.

    The store must be in the principal's scope; the person may come from anywhere. Raises StoreNotFound,
    AlreadyAtHome, and Invalid for a person who is not employed on one of the days.
    """
    store = queries.get_store(store_id, principal=principal)
    person = queries.find_staff_by_no(staff_no)
    if person is None:
        raise Invalid(errors={"staff_no": [say("unknown_code", code=staff_no)]})
    if person.store_id == store.id:
        raise AlreadyAtHome
    if any(day < person.hired_on or (person.left_on and day > person.left_on) for day in days):
        raise Invalid(errors={"days": [say("not_employed")]})
    rows = [
        {"staff_id": person.id, "store_id": store.id, "day": day, "created_by": principal.id}
        for day in sorted(set(days))
    ]
    db.session.execute(insert(StoreCover).values(rows).on_conflict_do_nothing())


def remove_cover(*, store_id: UUID, cover_id: UUID, principal: Principal) -> None:
    """Take back one day of cover; raises StoreNotFound, CoverNotFound."""
    store = queries.get_store(store_id, principal=principal)
    gone = db.session.execute(
        delete(StoreCover).where(StoreCover.id == cover_id, StoreCover.store_id == store.id).returning(StoreCover.id)
    )
    if gone.first() is None:
        raise queries.CoverNotFound
