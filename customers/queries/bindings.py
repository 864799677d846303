"""Whose customers are, and were."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import and_, or_, select, text, tuple_
from sqlalchemy.orm import aliased

from customers.queries.sight import CustomerNotFound
from customers.rules.bindings import WINNING
from kit.db import db, fetch_all
from kit.principal import Principal
from models import Binding, Customer, Staff
from staff.queries import employed_now
from staff.scope import sees_guide, sells


class Bound(NamedTuple):
    """That a customer was a guide's own, from `bound_at` until `ended_at`."""

    customer_id: UUID
    guide_id: UUID
    bound_at: datetime
    ended_at: datetime | None
    confirmed_at: datetime | None  # None: a guide's claim, which earns nothing
    store_id: UUID


def find_bindings(customer_ids: Collection[UUID]) -> dict[UUID, list[Bound]]:
    """All bindings of these customers, live and ended, oldest first."""
    statement = (
        select(*(getattr(Binding, name) for name in Bound._fields))
        .where(Binding.customer_id.in_(customer_ids))
        .order_by(Binding.customer_id, Binding.bound_at)
    )
    found: dict[UUID, list[Bound]] = {}
    for row in db.session.execute(statement):
        found.setdefault(row.customer_id, []).append(Bound(*row))
    return found


def find_live_bindings(customer_ids: Collection[UUID]) -> dict[UUID, Bound]:
    """The binding now in force of each of these customers that has one."""
    everything = find_bindings(customer_ids)
    return {customer: bounds[-1] for customer, bounds in everything.items() if bounds[-1].ended_at is None}


def find_live_binding(customer_id: UUID) -> Binding | None:
    """The customer's live binding, for changing it."""
    return db.session.scalar(select(Binding).where(Binding.customer_id == customer_id, Binding.ended_at.is_(None)))


class Recruit(NamedTuple):
    """That a guide was the first ever to win this person for their own, `confirmed_how` by the customer's own doing."""

    customer_id: UUID
    guide_id: UUID
    store_id: UUID
    reason: str
    bound_at: datetime
    confirmed_at: datetime
    confirmed_how: str


# A claim recruits nobody, nor does a customer who was given. Who turned out to be the same person counts: who recruited
# one of them recruited them.
RECRUITS = text("""
SELECT p.id AS customer_id, b.guide_id, b.store_id, b.reason, b.bound_at, b.confirmed_at, b.confirmed_how
FROM binding b JOIN customer c ON c.id = b.customer_id JOIN customer p ON p.id = c.person_id
WHERE b.guide_id = ANY (:guide_ids) AND b.confirmed_at >= :since AND b.confirmed_at < :until
  AND b.confirmed_how = ANY (:winning)
  AND NOT EXISTS (
    SELECT FROM customer o JOIN binding e ON e.customer_id = o.id
    WHERE o.person_id = p.id AND (e.confirmed_at, e.id) < (b.confirmed_at, b.id)
  )
ORDER BY b.confirmed_at, b.id""")
RECRUITERS = text("""
SELECT DISTINCT ON (c.id) c.id AS customer_id, b.guide_id, b.confirmed_at, b.confirmed_how = ANY (:winning) AS won
FROM customer c JOIN customer same ON same.person_id = c.person_id JOIN binding b ON b.customer_id = same.id
WHERE c.id = ANY (:customer_ids) AND b.confirmed_at IS NOT NULL
ORDER BY c.id, b.confirmed_at, b.id""")
HISTORY = (
    Binding.id,
    Binding.customer_id,
    Binding.guide_id,
    Staff.name.label("guide_name"),
    Binding.store_id,
    Binding.reason,
    Binding.reference_id,
    Binding.bound_by,
    Binding.bound_at,
    Binding.protected_until,
    Binding.confirmed_at,
    Binding.confirmed_how,
    Binding.ended_at,
    Binding.ended_reason,
)


def list_recruits(guide_ids: Collection[UUID], *, since: datetime, until: datetime) -> list[Recruit]:
    """The people whom these guides were the first to win, confirmed in a span of time, oldest first; from bindings."""
    span = {"since": since, "until": until}
    rows = db.session.execute(RECRUITS, {"guide_ids": list(guide_ids), "winning": list(WINNING), **span})
    return [Recruit(*row) for row in rows]


def find_recruiters(customer_ids: Collection[UUID]) -> dict[UUID, tuple[UUID, datetime]]:
    """Of each customer whom some guide was the first ever to win: the guide, and since when that is confirmed."""
    rows = db.session.execute(RECRUITERS, {"customer_ids": list(customer_ids), "winning": list(WINNING)})
    return {row.customer_id: (row.guide_id, row.confirmed_at) for row in rows if row.won}


def list_bindings(person_id: UUID, *, after: Sequence[Any] | None, limit: int) -> list[dict[str, Any]]:
    """Whose a person was and is, newest first; of those who turned out to be them, too."""
    same = select(Customer.id).where(Customer.person_id == person_id)
    newest_first = (Binding.bound_at.desc(), Binding.id.desc())
    statement = select(*HISTORY).join(Staff, Staff.id == Binding.guide_id).where(Binding.customer_id.in_(same))
    if after is not None:
        past = tuple_(datetime.fromisoformat(after[0]), UUID(after[1]))
        statement = statement.where(tuple_(Binding.bound_at, Binding.id) < past)
    return list(fetch_all(statement.order_by(*newest_first).limit(limit)))


def get_binding(binding_id: UUID) -> dict[str, Any]:
    """One binding, as lists show it."""
    [row] = fetch_all(select(*HISTORY).join(Staff, Staff.id == Binding.guide_id).where(Binding.id == binding_id))
    return row


def find_working_guide(guide_id: UUID, principal: Principal, *, now: datetime) -> Any:
    """The id and store of a guide whom the principal sees and who is employed now, or None."""
    seen = sees_guide(Staff.id, Staff.store_id, principal)
    guides = and_(sells(Staff.roles), Staff.store_id.is_not(None))
    return db.session.execute(
        select(Staff.id, Staff.store_id).where(Staff.id == guide_id, guides, employed_now(now), seen)
    ).one_or_none()


def expect_of_stores(customer_id: UUID, store_ids: Collection[UUID]) -> None:
    """Refuse with CustomerNotFound unless the customer is of one of these stores, or of a guide there."""
    live = aliased(Binding)
    person = aliased(Customer)
    found = db.session.scalar(
        select(person.id)
        .join(Customer, person.id == Customer.person_id)
        .outerjoin(live, and_(live.customer_id == person.id, live.ended_at.is_(None)))
        .where(Customer.id == customer_id, or_(person.store_id.in_(store_ids), live.store_id.in_(store_ids)))
    )
    if found is None:
        raise CustomerNotFound
