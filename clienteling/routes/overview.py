"""The screen of one customer, in one call."""

from typing import Any
from uuid import UUID

from clienteling import queries
from clienteling.routes.blueprint import READ, SERVE, bp
from clienteling.routes.timeline import timeline_page
from clienteling.schemas.overview import CustomerOverviewOut
from customers import queries as customers
from customers.queries.sight import CustomerNotFound
from kit.web.auth import auth, principal
from kit.web.io import reply
from kit.web.refusals import refuses

RECENT = 20


@bp.get("/customers/<uuid:customer_id>/overview")
@auth(roles=SERVE, scope=READ)
@refuses(CustomerNotFound)
@reply(CustomerOverviewOut)
def get_customer_overview(customer_id: UUID) -> dict[str, Any]:
    """A customer in my sight with all that a phone shows of them: what they allow, the next step, what happened."""
    person_id = customers.get_person(customer_id, principal())
    follow_ups = queries.list_follow_ups(principal=principal(), customer_id=person_id, after=None, limit=RECENT)
    standing = [one for one in follow_ups if not one["corrected"]]
    return {
        "customer": customers.get_customer(person_id, principal()),
        "consents": customers.list_consents(person_id, after=None, limit=100, holding=True),
        "quiet_hours": customers.get_quiet_hours(person_id=person_id),
        "next_step": standing[0] if standing and standing[0]["next_on"] else None,
        "follow_ups": follow_ups,
        "timeline": timeline_page(person_id, cursor=None, limit=RECENT),
    }
