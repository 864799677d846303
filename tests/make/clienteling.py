"""Customers of a guide's own, and what was done for them."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from clienteling import service
from clienteling.items import FollowUpItem
from customers import service as customers_service
from kit import clock
from kit.db import unit_of_work
from kit.ids import new_id
from models import Customer, Staff
from tests.make.content import principal_of
from tests.make.rows import next_number, save


def bound_customer(guide: Staff, *, at: datetime | None = None, **columns: Any) -> Customer:
    """A customer of the guide's own, since a year ago unless said otherwise."""
    customer = save(Customer(**{"member_no": f"C{next_number()}", **columns}))
    assert guide.store_id
    with unit_of_work():
        customers_service.bind_customer(
            customer_id=customer.id,
            guide_id=guide.id,
            store_id=guide.store_id,
            reason="scan",
            now=at or clock.now() - timedelta(days=365),
        )
    return customer


def follow_up(*, guide: Staff, customer: Customer | None = None, **fields: Any) -> UUID:
    """The id of a follow-up of an hour ago, with a customer of the guide's own."""
    now = clock.now()
    values = {"at": now - timedelta(hours=1), "channel": "wecom", "outcome": "reached", **fields}
    item = FollowUpItem(id=new_id(), customer_id=(customer or bound_customer(guide)).id, **values)
    with unit_of_work():
        service.log_follow_up(item=item, guide=principal_of(guide), now=now)
    return item.id
