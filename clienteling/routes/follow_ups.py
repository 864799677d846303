"""Follow-ups over HTTP."""

from datetime import date
from typing import Any
from uuid import UUID

from clienteling import queries, service
from clienteling.items import FollowUpItem
from clienteling.routes.blueprint import bp
from clienteling.schemas.follow_ups import FollowUpIn, FollowUpListIn, FollowUpOut, FollowUpPageOut
from clienteling.service.follow_ups import FollowUpCorrected, FollowUpIdTaken, FollowUpNotYours, FollowUpTimeImplausible
from customers.queries.sight import CustomerNotFound
from kit import clock
from kit.web.auth import auth, principal
from kit.web.batch import Rejection, batch_of, outcomes
from kit.web.io import body, query, reply
from kit.web.listed import listed
from kit.web.paging import page
from kit.web.refusals import refuses
from staff.rules import SELLERS

MAX_OFFLINE = 100
READERS = SELLERS | {"regional_manager", "hq_admin"}


@bp.post("/follow-ups")
@auth(roles=SELLERS)
@refuses(CustomerNotFound, FollowUpCorrected, FollowUpIdTaken, FollowUpNotYours, FollowUpTimeImplausible)
@body(FollowUpIn)
@reply(FollowUpOut, 201)
def create_follow_up(**said: Any) -> dict[str, Any]:
    """Write down what I did for a customer, and when to see to them next; the same again is harmless."""
    item = FollowUpItem(**said)
    service.log_follow_up(item=item, guide=principal(), now=clock.now())
    return queries.get_follow_up(item.id, principal=principal())


@bp.post("/follow-ups/batch")
@auth(roles=SELLERS)
@batch_of(FollowUpIn, make=FollowUpItem, limit=MAX_OFFLINE)
def create_follow_ups(items: list[tuple[int, FollowUpItem]], rejections: list[Rejection]) -> dict[str, Any]:
    """The follow-ups of an offline queue, each as if it came alone, rejected with the code of a single one."""
    return outcomes(service.log_batch(items=items, guide=principal(), now=clock.now()), rejections)


@bp.get("/follow-ups")
@auth(roles=READERS)
@refuses(CustomerNotFound)
@listed("follow_ups", "customers", "people")
@query(FollowUpListIn)
@reply(FollowUpPageOut)
def list_follow_ups(due: date | None, customer_id: UUID | None, cursor: str | None, limit: int) -> dict[str, Any]:
    """My follow-ups and those of whom I see, newest first; with `due`, whom to see to next by that day."""

    def fetch(after: list[Any] | None, count: int) -> list[dict[str, Any]]:
        if due is not None:
            return queries.list_due(principal=principal(), due=due, after=after, limit=count)
        return queries.list_follow_ups(principal=principal(), customer_id=customer_id, after=after, limit=count)

    return page(
        fetch,
        name="due follow-ups" if due else "follow-ups",
        cursor=cursor,
        limit=limit,
        key=_due_key if due else _key,
    )


def _key(row: dict[str, Any]) -> list[Any]:
    return [row["at"].isoformat(), str(row["id"])]


def _due_key(row: dict[str, Any]) -> list[Any]:
    return [row["next_on"].isoformat(), str(row["id"])]
