"""Customers who may be one person: those who have the same telephone."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, literal, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from customers.queries.cards import cards_of, list_names
from customers.queries.sight import is_among_seen
from kit.db import db, fetch_all
from kit.principal import Principal, Reach
from models import Customer, CustomerIdentity, CustomerMerge, Staff

PHONE = literal("phone", literal_execute=True)


def list_duplicates(*, principal: Principal, after: list[Any] | None, limit: int) -> Sequence[dict[str, Any]]:
    """Groups of customers in sight who share a telephone: `id` of the group, the customers, whether names agree too."""
    shared = CustomerIdentity.blind_index
    members = func.array_agg(aggregate_order_by(CustomerIdentity.customer_id, CustomerIdentity.customer_id.desc()))
    statement = select(shared.label("shared"), members.label("members")).where(CustomerIdentity.kind == PHONE)
    if principal.reach is not Reach.ALL:
        statement = statement.where(is_among_seen(CustomerIdentity.customer_id, principal))
    if after is not None:
        statement = statement.where(shared > bytes.fromhex(after[0]))
    groups = db.session.execute(statement.group_by(shared).having(func.count() > 1).order_by(shared).limit(limit)).all()
    return _with_cards([(bytes(shared).hex(), members) for shared, members in groups])


def _with_cards(groups: Sequence[tuple[str, Sequence[UUID]]]) -> list[dict[str, Any]]:
    ids = {customer_id for _, members in groups for customer_id in members}
    cards = {card["id"]: card for card in cards_of(select(Customer.id).where(Customer.id.in_(ids)))}
    names = list_names(ids)
    return [
        {
            "id": shared,
            "same_name": len({names[one] for one in members}) == 1,
            "customers": [cards[one] for one in members],
        }
        for shared, members in groups
    ]


def list_merges(person_id: UUID) -> Sequence[dict[str, Any]]:
    """Who was merged into the person, directly or before, newest first, and what moved."""
    into = select(Customer.id).where(Customer.person_id == person_id, Customer.id != person_id)
    return fetch_all(
        select(
            *(CustomerMerge.id, CustomerMerge.survivor_id, CustomerMerge.loser_id, CustomerMerge.reason),
            *(CustomerMerge.moved, CustomerMerge.merged_at, Staff.staff_no.label("merged_by")),
        )
        .outerjoin(Staff, Staff.id == CustomerMerge.merged_by)
        .where(CustomerMerge.loser_id.in_(into))
        .order_by(CustomerMerge.id.desc())
    )
