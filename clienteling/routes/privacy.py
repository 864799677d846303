"""Everything about a person; how long people are known."""

from typing import Any
from uuid import UUID

from clienteling import service
from clienteling.routes.blueprint import bp
from clienteling.schemas import privacy as schemas
from customers.queries import get_person
from customers.queries.sight import CustomerNotFound
from kit import clock
from kit.web.auth import auth, principal
from kit.web.idempotency import unkept
from kit.web.io import body, reply
from kit.web.refusals import refuses
from kit.web.units import report

Answer = dict[str, Any]


@bp.post("/customers/<uuid:customer_id>/exports")
@auth(roles={"hq_admin"})
@refuses(CustomerNotFound)
@unkept
@body(schemas.ExportIn)
@reply(schemas.ExportOut)
def export_customer(customer_id: UUID, reason: str) -> Answer:
    """Everything the chain holds about a person, plain, to hand to them; who asked and why is written down."""
    return service.export_person(get_person(customer_id, principal()), reason=reason)


@bp.get("/customers/retention")
@auth(roles={"hq_admin"})
@report
@reply(schemas.RetentionOut)
def get_retention() -> Answer:
    """After how many months of nothing people are forgotten, and how many are due."""
    return service.retention(clock.now())
