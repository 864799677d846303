"""Forgetting people."""

from typing import Any
from uuid import UUID

from customers import service
from customers.queries.sight import CustomerNotFound
from customers.routes.blueprint import ERASE, bp
from customers.schemas import privacy as schemas
from kit import clock
from kit.web.auth import auth
from kit.web.io import body, reply
from kit.web.refusals import refuses

Answer = dict[str, Any]


@bp.post("/customers/<uuid:customer_id>/erasures")
@auth(roles={"hq_admin"}, scope=ERASE)
@refuses(CustomerNotFound)
@body(schemas.ErasureIn)
@reply(schemas.ErasureOut)
def erase_customer(customer_id: UUID, reason: str) -> Answer:
    """Forget a customer and whoever was merged into them, for good; done once, however often it is asked."""
    erased_at = service.erase_customer(customer_id=customer_id, reason=reason, now=clock.now())
    return {"id": customer_id, "erased_at": erased_at}
