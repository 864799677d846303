"""Who the customers are."""

from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import ColumnElement, LargeBinary, and_, any_, literal, select
from sqlalchemy.dialects.postgresql import ARRAY

from customers.queries.sight import CustomerNotFound, find_people
from customers.sealed import indexes_of, unseal_identity, unseal_profile
from kit.codes import fold_code
from kit.db import db
from kit.principal import Principal
from models import Customer, CustomerIdentity, Store
from staff.scope import sees_store

Named = tuple[str, str]  # kind and normalised value


def find_customer_ids(member_nos: Collection[str]) -> dict[str, UUID]:
    """The ids of those member numbers that are known, by the number's key (kit/codes.py).

    What was merged into another customer is that customer.
    """
    person = Customer.person_id
    keys = {fold_code(member_no) for member_no in member_nos}
    rows = db.session.execute(select(Customer.member_no_key, person).where(Customer.member_no_key.in_(keys)))
    return {key: customer_id for key, customer_id in rows if key is not None}


def find_identity_owners(named: Collection[Named]) -> Mapping[Named, set[UUID]]:
    """The customers known by each of these kinds and normalised values; those nobody is known by are left out."""
    found: dict[Named, set[UUID]] = {}
    for kind in {kind for kind, _ in named}:
        asked = {index: (kind, value) for one, value in named if one == kind for index in indexes_of(kind, value)}
        columns = select(CustomerIdentity.blind_index, CustomerIdentity.customer_id)
        for index, customer_id in db.session.execute(columns.where(has_index(kind, list(asked)))):
            found.setdefault(asked[bytes(index)], set()).add(customer_id)
    return found


def has_index(kind: str, indexes: list[bytes]) -> ColumnElement[bool]:
    """True for the identities of `kind` that have one of `indexes`."""
    # A literal: of a parameter the planner cannot tell which of the two partial indexes serves it.
    same_kind = CustomerIdentity.kind == literal(kind, literal_execute=True)
    return and_(same_kind, CustomerIdentity.blind_index == any_(literal(indexes, ARRAY(LargeBinary))))


def find_store_id(code: str, principal: Principal) -> UUID | None:
    """The store with this code, if the principal sees it."""
    return db.session.scalar(select(Store.id).where(Store.code_key == fold_code(code), sees_store(Store.id, principal)))


def find_customer(customer_id: UUID) -> Customer | None:
    """The customer's row, merged and erased ones too."""
    return db.session.get(Customer, customer_id)


def find_name(customer_id: UUID, principal: Principal) -> str | None:
    """The plain name of a customer in sight, or of who they became: for what is written to them, not for lists."""
    person_id = find_people([customer_id], principal).get(customer_id)
    if person_id is None:
        return None
    sealed = db.session.scalar(select(Customer.sealed_profile).where(Customer.id == person_id))
    return unseal_profile(person_id, sealed).get("name")


def hold_customer(customer_id: UUID) -> Customer:
    """The customer's row, held until this unit of work ends; raises CustomerNotFound for merged and erased ones."""
    held = select(Customer).where(Customer.id == customer_id).with_for_update(key_share=True)
    customer = db.session.scalar(held.execution_options(populate_existing=True))
    if customer is None or customer.merged_into_id is not None or customer.erased_at is not None:
        raise CustomerNotFound
    return customer


def list_identities(customer_id: UUID) -> list[CustomerIdentity]:
    """How channels know the customer, oldest first."""
    theirs = select(CustomerIdentity).where(CustomerIdentity.customer_id == customer_id)
    return list(db.session.scalars(theirs.order_by(CustomerIdentity.id)))


def list_channel_ids(customer_ids: Collection[UUID], *, kind: str, principal: Principal) -> list[str]:
    """By what the channel `kind` knows those of these customers whom the principal sees, plain: for writing to them."""
    people = set(find_people(customer_ids, principal).values())
    columns = (CustomerIdentity.id, CustomerIdentity.sealed_value)
    theirs = select(*columns).where(CustomerIdentity.customer_id.in_(people), CustomerIdentity.kind == kind)
    return [
        unseal_identity(row.id, row.sealed_value) for row in db.session.execute(theirs.order_by(CustomerIdentity.id))
    ]


def find_identity_id(customer_id: UUID, kind: str, value: str) -> UUID | None:
    """Which of the customer's identities says that they are known by the normalised `value`."""
    same = has_index(kind, indexes_of(kind, value))
    return db.session.scalar(select(CustomerIdentity.id).where(CustomerIdentity.customer_id == customer_id, same))


def lock_customer(customer_id: UUID) -> None:
    """Hold the customer until this unit of work ends, so that changes come one after the other."""
    db.session.execute(select(Customer.id).where(Customer.id == customer_id).with_for_update())
