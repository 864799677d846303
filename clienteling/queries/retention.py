"""Those with whom there has been nothing for so long that the chain has no ground to keep who they are."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import aliased

from kit.db import db
from models import Binding, Consent, Contact, Customer, Order


def list_forgotten(*, before: datetime, limit: int) -> Sequence[UUID]:
    """People who are nobody's, and who since `before` bought nothing, said nothing and were not contacted."""
    return db.session.scalars(_forgotten(before).limit(limit)).all()


def count_forgotten(*, before: datetime) -> int:
    """How many `list_forgotten` would find."""
    return db.session.scalar(select(func.count()).select_from(_forgotten(before).subquery())) or 0


def _forgotten(before: datetime) -> Select[Any]:
    same = aliased(Customer)
    whole = select(same.id).where(same.person_id == Customer.id).correlate(Customer)
    lately = (
        exists().where(Binding.customer_id.in_(whole), Binding.ended_at.is_(None)),
        exists().where(Order.customer_id.in_(whole), Order.ordered_at >= before),
        exists().where(Contact.customer_id.in_(whole), Contact.reserved_at >= before),
        exists().where(Consent.customer_id.in_(whole), Consent.given_at >= before),
    )
    standing = (Customer.merged_into_id.is_(None), Customer.erased_at.is_(None), Customer.updated_at < before)
    return select(Customer.id).where(*standing, *(~one for one in lately)).order_by(Customer.id)
