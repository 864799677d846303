"""How channels know customers: a channel's name for someone is one customer's, only telephones may be shared."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from customers import queries
from customers.queries.people import Named
from customers.rules.identities import normalised
from customers.sealed import index_of, seal_identity
from kit import locks
from kit.db import db
from kit.errors import Conflict, Invalid, NotFound
from kit.ids import new_id
from kit.principal import Principal
from kit.words import Said, Unfit, say
from models import Customer, CustomerIdentity

MAX_IDENTITIES = 20


class CustomerKnown(Conflict):
    """Somebody is known by this already; `customer_id` tells who, if the caller sees them."""

    code = "customer_known"


class IdentityNotFound(NotFound):
    """The customer is not known by this."""

    code = "identity_not_found"


class TooManyIdentities(Conflict):
    """A customer may be known by so many names only."""

    code = "too_many_identities"


def read_identities(given: Sequence[Named]) -> list[Named]:
    """What was given in the one way to write it, each once; raises Invalid with a message by position."""
    read: dict[Named, None] = {}
    problems: dict[str, list[Said]] = {}
    for position, (kind, value) in enumerate(given):
        try:
            read[kind, normalised(kind, value)] = None
        except Unfit as error:
            problems[str(position)] = [error.said]
    if problems:
        raise Invalid(errors={"identities": problems})
    return list(read)


def claim_identities(named: Collection[Named], *, customer_id: UUID, shared_phone: bool, by: Principal) -> None:
    """Let the customer be known by all of `named`, too; raises CustomerKnown when somebody else is.

    A telephone that somebody else has is taken only as a `shared_phone`.
    """
    hold_names(named)
    owners = queries.find_identity_owners(named)
    for name in named:
        others = owners.get(name, set()) - {customer_id}
        if others and not (shared_phone and name[0] == "phone"):
            raise customer_known(others, by)
    mine = [name for name in named if customer_id not in owners.get(name, set())]
    if add_identities([(customer_id, *name) for name in mine]):
        # An import was faster.
        raise customer_known({one for some in queries.find_identity_owners(mine).values() for one in some}, by)


def hold_names(named: Collection[Named]) -> None:
    """Let two who say the same of two customers at once come one after the other."""
    locks.hold(*(f"customer {kind} {index_of(kind, value).hex()}" for kind, value in named))


def add_identities(rows: Sequence[tuple[UUID, str, str]]) -> set[UUID]:
    """Write customer, kind, normalised value; the customers of those that somebody else has meanwhile."""
    if not rows:
        return set()
    values = [_row(*row) for row in rows]
    written = insert(CustomerIdentity).on_conflict_do_nothing().returning(CustomerIdentity.id)
    ids = set(db.session.scalars(written, values))
    return {row["customer_id"] for row in values if row["id"] not in ids}


def add_identity(*, customer_id: UUID, kind: str, value: str, shared_phone: bool, by: Principal, now: datetime) -> None:
    """Let the customer be known by this; raises CustomerKnown, TooManyIdentities, Invalid."""
    customer = queries.hold_customer(customer_id)
    name = read_identities([(kind, value)])[0]
    if queries.find_identity_id(customer_id, *name):
        return
    if len(queries.list_identities(customer_id)) >= MAX_IDENTITIES:
        raise TooManyIdentities(say("too_many_identities", max=MAX_IDENTITIES))
    claim_identities([name], customer_id=customer_id, shared_phone=shared_phone, by=by)
    touch(customer, now=now)


def remove_identity(*, customer_id: UUID, identity_id: UUID, now: datetime) -> None:
    """Let the customer be known by this no longer; raises IdentityNotFound."""
    customer = queries.hold_customer(customer_id)
    theirs = {identity.id for identity in queries.list_identities(customer_id)}
    if identity_id not in theirs:
        raise IdentityNotFound
    db.session.execute(delete(CustomerIdentity).where(CustomerIdentity.id == identity_id))
    touch(customer, now=now)


def touch(customer: Customer, *, now: datetime) -> None:
    """Count a change of what belongs to the customer as one of theirs, so that their ETag tells."""
    customer.updated_at = now


def customer_known(others: Collection[UUID], by: Principal) -> CustomerKnown:
    """The refusal that tells who it is, if the principal sees one of them."""
    seen = queries.find_people(others, by)
    return CustomerKnown(customer_id=min(seen.values())) if seen else CustomerKnown()


def _row(customer_id: UUID, kind: str, value: str) -> dict[str, Any]:
    identity_id = new_id()
    return {
        "id": identity_id,
        "customer_id": customer_id,
        "kind": kind,
        "blind_index": index_of(kind, value),
        "sealed_value": seal_identity(identity_id, value),
    }
