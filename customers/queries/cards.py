"""Customers as they are shown: masked, with their store, their guide and their tags; one statement a list."""

from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select, true
from sqlalchemy.dialects.postgresql import aggregate_order_by

from customers.queries.lists import Wanted, ways_to_ids
from customers.queries.people import has_index
from customers.queries.sight import CustomerNotFound, get_person, sees_asked
from customers.rules.masking import masked_identity, masked_profile
from customers.sealed import PROFILE_FIELDS, indexes_of, unseal_identity, unseal_profile
from kit.codes import fold_code
from kit.db import db, fetch_all
from kit.principal import Principal
from models import Binding, Customer, CustomerIdentity, CustomerTag, Staff, Store

Card = dict[str, Any]
MEMBER_NO = "member_no"
# A telephone may be shared; a list of its owners need not be longer.
MAX_FOUND = 50


def list_customers(*, principal: Principal, after: list[Any] | None, limit: int, **filters: Any) -> Sequence[Card]:
    """The customers in sight, the newest first; `filters` are those of Wanted."""
    older = UUID(after[0]) if after else None
    cards: Sequence[Card] = ()
    for ids in ways_to_ids(principal, Wanted(older=older, limit=limit, **filters)):
        cards = cards_of(ids)
        if len(cards) >= limit:
            break
    return cards


def get_customer(customer_id: UUID, principal: Principal) -> Card:
    """One customer in sight, or who they were merged into; raises CustomerNotFound."""
    return cards_of(select(Customer.id).where(Customer.id == get_person(customer_id, principal)))[0]


def list_names(customer_ids: Collection[UUID]) -> dict[UUID, str | None]:
    """The plain names of these customers, for comparing, never for showing."""
    rows = db.session.execute(select(Customer.id, Customer.sealed_profile).where(Customer.id.in_(customer_ids)))
    return {row.id: unseal_profile(row.id, row.sealed_profile).get("name") for row in rows}


def get_plain_customer(customer_id: UUID) -> Card:
    """All personal data of a customer, to be shown only where that is written down; raises CustomerNotFound."""
    rows = _rows(select(Customer.id).where(Customer.id == customer_id))
    if not rows:
        raise CustomerNotFound
    profile = unseal_profile(customer_id, rows[0]["sealed_profile"])
    fields = {name: profile.get(name) for name in PROFILE_FIELDS}
    return {"id": customer_id, "member_no": rows[0]["member_no"], **fields, "identities": _identities(rows[0])}


def find_customers(*, kind: str, value: str, principal: Principal) -> Sequence[Card]:
    """The customers in sight whom a channel knows by the normalised `value`, or tills by that member number."""
    seen = select(Customer.id).where(_known_as(kind, value), Customer.erased_at.is_(None), sees_asked(principal))
    return cards_of(seen.order_by(Customer.id.desc()).limit(MAX_FOUND))


def _known_as(kind: str, value: str) -> ColumnElement[bool]:
    if kind == MEMBER_NO:
        person = Customer.person_id
        return Customer.id.in_(select(person).where(Customer.member_no_key == fold_code(value)))
    return Customer.id.in_(select(CustomerIdentity.customer_id).where(has_index(kind, indexes_of(kind, value))))


def cards_of(ids: Select[Any]) -> list[Card]:
    """The customers whose ids are selected, the newest first; who may see them is the caller's affair."""
    return [_masked(row) for row in _rows(ids)]


def _rows(ids: Select[Any]) -> Sequence[dict[str, Any]]:
    wanted = ids.subquery("wanted")
    return fetch_all(_card_columns().join(wanted, wanted.c.id == Customer.id).order_by(Customer.id.desc()))


@lru_cache(maxsize=1)
def _card_columns() -> Select[Any]:
    known = _collected(CustomerIdentity, "known", CustomerIdentity.kind, CustomerIdentity.sealed_value)
    tagged = _collected(CustomerTag, "tagged", CustomerTag.tag, where=CustomerTag.removed_at.is_(None))
    live = Binding.ended_at.is_(None)
    cards = (
        select(
            *(Customer.id, Customer.member_no, Customer.sealed_profile, Customer.profile_fields, Customer.origin),
            *(Customer.store_id, Store.code.label("store_code"), Store.name.label("store_name")),
            *(Staff.id.label("guide_id"), Staff.staff_no.label("guide_staff_no"), Staff.name.label("guide_name")),
            *(Binding.bound_at, Customer.created_at, Customer.updated_at, Customer.version),
            *(known.c.id.label("identity_ids"), known.c.kind.label("kinds"), known.c.sealed_value.label("values")),
            tagged.c.tag.label("tags"),
        )
        .select_from(Customer)
        .outerjoin(Store, Store.id == Customer.store_id)
        .outerjoin(Binding, (Binding.customer_id == Customer.id) & live)
        .outerjoin(Staff, Staff.id == Binding.guide_id)
        .join(known, true())
        .join(tagged, true())
    )
    return cast(Select[Any], cards)


def _collected(table: Any, name: str, *columns: Any, where: Any = None) -> Any:
    """One row of arrays for a customer, in the order in which their rows were made."""
    arrays = [func.array_agg(aggregate_order_by(c, table.id)).label(c.name) for c in (table.id, *columns)]
    rows = select(*arrays).where(table.customer_id == Customer.id).correlate(Customer)
    return (rows if where is None else rows.where(where)).lateral(name)


def _masked(row: dict[str, Any]) -> Card:
    profile = masked_profile(unseal_profile(row["id"], row.pop("sealed_profile")))
    identities = [{**one, "value": masked_identity(one["kind"], one["value"])} for one in _identities(row)]
    for column in ("identity_ids", "kinds", "values"):
        del row[column]
    return {**row, **profile, "identities": identities, "tags": row["tags"] or []}


def _identities(row: dict[str, Any]) -> list[dict[str, Any]]:
    columns = (row["identity_ids"] or (), row["kinds"] or (), row["values"] or ())
    return [
        {"id": identity_id, "kind": kind, "value": unseal_identity(identity_id, value)}
        for identity_id, kind, value in zip(*columns, strict=True)
    ]
