"""People, held until the unit of work ends, so that what is decided about them comes one after the other."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import text

from customers.queries.sight import CustomerNotFound, find_people
from kit.db import db
from kit.principal import Principal
from models import Customer

WHO = text("SELECT id, person_id FROM customer WHERE id = ANY (:ids)")
# In one order, so that two who want the same people wait for each other and never in a circle.
LOCK = text("SELECT id FROM customer WHERE id = ANY (:ids) ORDER BY id FOR NO KEY UPDATE")


def lock_people(customer_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Hold the people behind these customers; answers who each of those that exist is."""
    people = _people(customer_ids)
    while True:
        db.session.execute(LOCK, {"ids": sorted(set(people.values()))})
        now = _people(customer_ids)
        if now == people:
            return people
        # Merged while we waited.
        people = now


def lock_person(customer_id: UUID, principal: Principal | None) -> UUID:
    """Hold the person behind a customer whom the principal (None: everybody) sees; raises CustomerNotFound."""
    person_id = lock_people([customer_id]).get(customer_id)
    if principal is not None:
        person_id = find_people([customer_id], principal).get(customer_id)
    elif person_id and db.session.get_one(Customer, person_id, populate_existing=True).erased_at is not None:
        person_id = None
    if person_id is None:
        raise CustomerNotFound
    return person_id


def _people(customer_ids: Collection[UUID]) -> dict[UUID, UUID]:
    rows = db.session.execute(WHO, {"ids": list(customer_ids)})
    return {row.id: row.person_id for row in rows}
