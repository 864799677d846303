"""Finding customers by what somebody remembers of them: a part of the name, the end of a number, a tag.

There is no index of parts of names or numbers, which would tell what they are to whoever reads the database: those in
sight are unsealed one by one, which is why there may not be too many of them.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from customers.queries.lists import CustomerFilter, find_in_sight
from customers.rules.search import Known, is_meant, read_typed
from customers.sealed import unseal_identity, unseal_profile
from kit.db import db
from kit.errors import Invalid
from kit.principal import Principal
from kit.words import say
from models import Customer, CustomerIdentity, CustomerTag

# A guide's own, or a store's.
MOST_SEARCHED = 5_000


class TooManyCustomers(Invalid):
    """Searching, sorting and counting are for so many customers as a guide or a store has, not for the whole chain."""

    code = "too_many_customers"


def find_all(principal: Principal, wanted: CustomerFilter) -> list[UUID]:
    """Every customer in sight that the filter finds, the newest first; raises TooManyCustomers."""
    found = list(find_in_sight(principal, wanted, limit=MOST_SEARCHED + 1))
    if len(found) > MOST_SEARCHED:
        raise TooManyCustomers(say("too_many_customers", max=MOST_SEARCHED))
    return found


def find_meant(typed: str, customer_ids: Sequence[UUID]) -> list[UUID]:
    """Those of these customers whom `typed` means (customers/rules/search.py), in the same order."""
    wanted = read_typed(typed)
    meant = {row.id for row in db.session.execute(_columns(customer_ids)) if is_meant(wanted, _known(row))}
    return [id_ for id_ in customer_ids if id_ in meant]


def _columns(customer_ids: Sequence[UUID]) -> Select[Any]:
    phone = CustomerIdentity.kind == "phone"
    phones = [
        select(func.array_agg(column)).where(CustomerIdentity.customer_id == Customer.id, phone).scalar_subquery()
        for column in (CustomerIdentity.id, CustomerIdentity.sealed_value)
    ]
    live = CustomerTag.removed_at.is_(None)
    tags = select(func.array_agg(CustomerTag.tag)).where(CustomerTag.customer_id == Customer.id, live).scalar_subquery()
    return select(
        Customer.id,
        Customer.member_no,
        Customer.sealed_profile,
        phones[0].label("phone_ids"),
        phones[1].label("sealed_phones"),
        tags.label("tags"),
    ).where(Customer.id.in_(customer_ids))


def _known(row: Any) -> Known:
    sealed = zip(row.phone_ids or (), row.sealed_phones or (), strict=True)
    return Known(
        name=unseal_profile(row.id, row.sealed_profile).get("name", ""),
        member_no=row.member_no or "",
        phones=[unseal_identity(identity_id, value) for identity_id, value in sealed],
        tags=row.tags or (),
    )
