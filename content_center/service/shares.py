"""What customers do through a link beyond looking: choose its guide, or ask not to be sent such things."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from content_center import queries
from content_center.rules.channels import CONTACT_CHANNEL
from customers import queries as customer_queries
from customers import service as customers
from customers.service import Proof, Wanted
from kit.errors import Conflict
from kit.principal import Principal
from models import Binding


class LinkNotOpened(Conflict):
    """Machines fetched the link, and nothing shows that a person opened it: nobody came through it."""

    code = "link_not_opened"


def bind_by_share(*, token: str, customer_id: UUID, by: Principal, now: datetime) -> Binding:
    """Make a customer who came through a link the own one of the guide who shared it.

    Raises ForwardNotFound, LinkNotOpened, CustomerNotFound, GuideUnavailable, BindingProtected.
    """
    found = queries.find_forwards_by_token([token])
    if not found:
        raise queries.ForwardNotFound
    if not queries.find_last_opens([(token, now)])[token, now].by_person:
        raise LinkNotOpened
    wanted = Wanted(guide_id=found[0]["guide_id"], reason="share", reference_id=found[0]["id"])
    return customers.bind_by_hand(customer_id, wanted=wanted, by=by, now=now)


def decline_contact(shared: Mapping[str, Any], *, viewer_customer_id: UUID | None, now: datetime) -> bool:
    """Take a "not interested" as a no for the link's channel, from the viewer where they are known as a customer.

    Otherwise from the one customer whom the link was made for. Answers whether there is such a customer; said again
    changes nothing.
    """
    customer_id = viewer_customer_id or queries.find_only_customer(shared["target"])
    if customer_id is None:
        return False
    channel = CONTACT_CHANNEL[shared["channel"]]
    if customer_queries.has_declined(customer_id, channel):
        return True
    proof = Proof(origin="page", evidence=f"forward {shared['forward_id']}")
    try:
        customers.record_consents(customer_id=customer_id, granted={channel: False}, proof=proof, by=None, now=now)
    except customer_queries.CustomerNotFound:
        return False
    return True
