"""Customers as contacts: bound or not, contacted or not."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from customers import queries, service
from customers.rules.policies import ContactPolicy
from kit import clock
from kit.db import unit_of_work
from kit.ids import new_id
from models import Binding, Contact, Customer, Staff
from tests.make.rows import save


def person(*, guide: Staff | None = None, **columns: Any) -> UUID:
    """A customer, the own one of `guide` if given."""
    customer = save(Customer(id=new_id(), **columns))
    if guide is not None:
        bound_at = clock.now() - timedelta(days=400)
        save(
            Binding(
                customer_id=customer.id, guide_id=guide.id, store_id=guide.store_id, reason="hand", bound_at=bound_at
            )
        )
    return customer.id


def contact_policy(**settings: Any) -> None:
    """The chain's settings, without quiet hours unless told otherwise: tests run at any time of day."""
    with unit_of_work():
        _, version = queries.get_versioned_policy(ContactPolicy)
        policy = ContactPolicy(**{"quiet_from": "00:00", "quiet_until": "00:00", **settings})
        service.set_policy(policy, expected_version=version, now=clock.now())


def no_quiet_hours() -> None:
    """Whatever else the chain has set stays."""
    with unit_of_work():
        policy, version = queries.get_versioned_policy(ContactPolicy)
        loud = msgspec.structs.replace(policy, quiet_from="00:00", quiet_until="00:00")
        service.set_policy(loud, expected_version=version, now=clock.now())


def contact(customer_id: UUID, *, guide: Staff, at: datetime, **columns: Any) -> Contact:
    """A message that left at `at`."""
    times = {"reserved_at": at, "expires_at": at + timedelta(minutes=15), "sent_at": at}
    defaults = {"channel": "sms", "reference_id": new_id(), **times}
    return save(Contact(customer_id=customer_id, guide_id=guide.id, **{**defaults, **columns}))
