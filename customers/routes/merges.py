"""Tags of customers; customers who are one person."""

from functools import partial
from typing import Any
from uuid import UUID

from customers import queries, service
from customers.queries.sight import CustomerNotFound
from customers.routes.blueprint import READ, SERVE, WRITE, bp
from customers.schemas import merges as schemas
from customers.schemas.profiles import CustomerOut
from customers.service.tags import TooManyTags
from kit import clock
from kit.errors import Invalid
from kit.web.auth import auth, principal
from kit.web.io import body, query, reply
from kit.web.paging import page
from kit.web.refusals import refuses
from kit.web.units import report
from kit.words import say

Answer = dict[str, Any]
MERGE = SERVE - {"guide"}


@bp.get("/customers/<uuid:customer_id>/tags")
@auth(roles=SERVE, scope=READ)
@refuses(CustomerNotFound)
@reply(schemas.TagsOut)
def list_tags(customer_id: UUID) -> Answer:
    """A customer's tags, those they have and those they had."""
    return {"items": queries.list_tag_history(queries.get_person(customer_id, principal()))}


@bp.post("/customers/<uuid:customer_id>/tags")
@auth(roles=SERVE, scope=WRITE)
@refuses(CustomerNotFound, TooManyTags)
@body(schemas.TagsIn)
@reply(CustomerOut)
def change_tags(customer_id: UUID, add: list[str], remove: list[str], origin: str | None) -> Answer:
    """Add and take away tags of a customer."""
    caller = principal()
    if origin is not None and caller.kind == "staff":
        raise Invalid(errors={"origin": [say("not_yours_to_say.origin")]})
    person_id = queries.get_person(customer_id, caller)
    came_from = origin or ("person" if caller.kind == "staff" else "rule")
    service.change_tags(customer_id=person_id, add=add, remove=remove, origin=came_from, by=caller, now=clock.now())
    return queries.get_customer(person_id, caller)


@bp.get("/customers/duplicates")
@auth(roles=MERGE, scope=READ)
@report
@query(schemas.DuplicatesIn)
@reply(schemas.DuplicatePageOut)
def list_duplicates(limit: int, cursor: str | None) -> Answer:
    """Customers in my sight who have the same telephone, group by group: one person, or one family."""
    fetch = partial(queries.list_duplicates, principal=principal())
    return page(
        lambda after, n: fetch(after=after, limit=n),
        name="duplicates",
        cursor=cursor,
        limit=limit,
        key=lambda row: [row["id"]],
    )


@bp.get("/customers/<uuid:customer_id>/merges")
@auth(roles=MERGE, scope=READ)
@refuses(CustomerNotFound)
@reply(schemas.MergesOut)
def list_merges(customer_id: UUID) -> Answer:
    """Who became this customer: by whom, when, why, and what moved."""
    return {"items": queries.list_merges(queries.get_person(customer_id, principal()))}


@bp.post("/customers/<uuid:customer_id>/merges")
@auth(roles=MERGE, scope=WRITE)
@refuses(CustomerNotFound)
@body(schemas.MergeIn)
@reply(CustomerOut)
def merge_customers(customer_id: UUID, other_id: UUID, reason: str) -> Answer:
    """Let another customer become this one; two who are one already stay so."""
    survivor_id, loser_id = (queries.get_person(one, principal()) for one in (customer_id, other_id))
    if survivor_id != loser_id:
        service.merge_customers(
            customer_id=survivor_id, other_id=loser_id, reason=reason, by=principal(), now=clock.now()
        )
    return queries.get_customer(survivor_id, principal())
