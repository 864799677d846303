"""One-click forward, and what came of it."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from content_center import queries, service
from content_center.items import ForwardItem
from content_center.present import as_shared
from content_center.queries.content import ContentNotFound
from content_center.queries.forwards import ForwardNotFound
from content_center.routes.blueprint import bp
from content_center.schemas.forwards import (
    ConfirmationIn,
    ConfirmationOut,
    ForwardBatchOut,
    ForwarderListIn,
    ForwarderPageOut,
    ForwardIn,
    ForwardItemIn,
    ForwardListIn,
    ForwardPageOut,
    ForwardSeenOut,
    ForwardTapOut,
    NamedCustomersIn,
    ReservationOut,
    ShareBindingIn,
)
from content_center.service.confirmations import ConfirmationNotYours
from content_center.service.forwards import ContentNotForwardable, ForwardIdTaken, TapTimeImplausible, TargetUnknown
from content_center.service.shares import LinkNotOpened
from content_center.service.takedown import ContentHidden
from content_center.service.targets import ConfirmationTargetUnknown, NobodyToContact
from customers.queries import get_binding
from customers.queries.sight import CustomerNotFound
from customers.schemas.bindings import BindingOut
from customers.service.bindings import BindingProtected, GuideUnavailable
from customers.service.reveals import TooManyReveals
from kit import clock
from kit.web import idempotency
from kit.web.auth import auth, principal
from kit.web.batch import Rejection, batch_of, outcomes
from kit.web.io import NothingOut, body, query, reply
from kit.web.paging import page
from kit.web.refusals import refuses
from staff.rules import ANY_STAFF, SELLERS

MAX_TAPS = 100


@bp.post("/content/<uuid:content_id>/forwards")
@auth(roles=SELLERS)
@refuses(
    ContentHidden,
    ContentNotForwardable,
    ContentNotFound,
    ForwardIdTaken,
    ForwardNotFound,
    NobodyToContact,
    TapTimeImplausible,
    TargetUnknown,
    TooManyReveals,
)
@idempotency.judged_again
@body(ForwardIn)
@reply(ForwardTapOut, 201)
def create_forward(
    content_id: UUID,
    id: UUID,
    channel: str,
    target: dict[str, Any],
    language: str,
    captured_at: datetime | None,
) -> dict[str, Any]:
    """Share a content: text, poster, tracked link and product cards in one answer; the same tap again is harmless."""
    shared = service.forward_content(
        forward_id=id,
        content_id=content_id,
        guide=principal(),
        channel=channel,
        target=target,
        language=language,
        captured_at=captured_at,
        now=clock.now(),
    )
    return as_shared(shared)


@bp.post("/forwards/batch")
@auth(roles=SELLERS)
@idempotency.judged_again
@batch_of(ForwardItemIn, make=ForwardItem, limit=MAX_TAPS, answer=ForwardBatchOut)
def create_forwards(items: list[tuple[int, ForwardItem]], rejections: list[Rejection]) -> dict[str, Any]:
    """The taps of an offline queue, each as if it came alone, answered with all that is shared.

    Rejected with the code that a single tap is refused with.
    """
    taken = service.forward_batch(items=items, guide=principal(), now=clock.now())
    for one in taken:
        if "forward" in one:
            one["forward"] = as_shared(one["forward"])
    return outcomes(taken, rejections)


@bp.get("/forwards")
@auth(roles=ANY_STAFF)
@query(ForwardListIn)
@reply(ForwardPageOut)
def list_forwards(content_id: UUID | None, cursor: str | None, limit: int) -> dict[str, Any]:
    """Forwards within my sight, newest first: a guide's own, a manager's store's."""

    def fetch(after: list[Any] | None, count: int) -> list[dict[str, Any]]:
        return queries.list_forwards(principal=principal(), content_id=content_id, after=after, limit=count)

    found = page(fetch, name="forwards", cursor=cursor, limit=limit, key=_key)
    return {**found, "items": [as_shared(row) for row in found["items"]]}


@bp.get("/forwards/<uuid:forward_id>")
@auth(roles=ANY_STAFF)
@refuses(ForwardNotFound)
@reply(ForwardSeenOut)
def get_forward(forward_id: UUID) -> dict[str, Any]:
    """A forward and its counts."""
    return as_shared(service.show_forward(forward_id, principal=principal(), now=clock.now()))


@bp.get("/products/<uuid:product_id>/forwarders")
@auth(roles=ANY_STAFF)
@query(ForwarderListIn)
@reply(ForwarderPageOut)
def list_forwarders(product_id: UUID, days: int, cursor: str | None, limit: int) -> dict[str, Any]:
    """Guides within my sight who lately shared content with this product: whom to tell when it leaves the shelf."""
    since = clock.now() - timedelta(days=days)

    def fetch(after: list[Any] | None, count: int) -> list[dict[str, Any]]:
        return queries.list_forwarders(product_id, since=since, principal=principal(), after=after, limit=count)

    return page(fetch, name="forwarders", cursor=cursor, limit=limit, key=_forwarder_key)


@bp.post("/forwards/<uuid:forward_id>/confirmations")
@auth(roles=SELLERS, scope="forwards:write")
@refuses(ConfirmationNotYours, ConfirmationTargetUnknown, ContentHidden, ForwardNotFound)
@idempotency.required
@body(ConfirmationIn)
@reply(ConfirmationOut)
def create_confirmation(forward_id: UUID, kind: str, customer_ids: list[UUID]) -> dict[str, Any]:
    """The app shares it now, or the channel delivered it; the same again changes nothing.

    The app asks at the moment of sending, and leaves out who is `refused`: consent may have been withdrawn since the
    tap, and a contact budget used up.
    """
    return service.confirm_forward(
        forward_id=forward_id, kind=kind, customer_ids=customer_ids, by=principal(), now=clock.now()
    )


@bp.post("/forwards/<uuid:forward_id>/reservations")
@auth(roles=SELLERS)
@refuses(ConfirmationTargetUnknown, ContentHidden, ForwardNotFound)
@body(NamedCustomersIn)
@reply(ReservationOut)
def reserve_targets(forward_id: UUID, customer_ids: list[UUID]) -> dict[str, Any]:
    """Take a place in the contact budget of the target's customers while the guide writes; it frees itself."""
    return service.reserve_targets(forward_id=forward_id, customer_ids=customer_ids, guide=principal(), now=clock.now())


@bp.post("/forwards/<uuid:forward_id>/releases")
@auth(roles=SELLERS, scope="forwards:write")
@refuses(ConfirmationTargetUnknown, ForwardNotFound)
@body(NamedCustomersIn)
@reply(NothingOut)
def release_targets(forward_id: UUID, customer_ids: list[UUID]) -> dict[str, Any]:
    """Give back what was reserved and not sent; the channel's integration also what was not delivered."""
    service.release_targets(forward_id=forward_id, customer_ids=customer_ids, by=principal(), now=clock.now())
    return {}


@bp.post("/share-bindings")
@auth(scope="customers:write")
@refuses(BindingProtected, CustomerNotFound, ForwardNotFound, GuideUnavailable, LinkNotOpened)
@body(ShareBindingIn)
@reply(BindingOut, 201)
def bind_by_share(token: str, customer_id: UUID) -> dict[str, Any]:
    """A customer came through a link: they become the own one of the guide who shared it."""
    binding = service.bind_by_share(token=token, customer_id=customer_id, by=principal(), now=clock.now())
    return get_binding(binding.id)


def _key(row: dict[str, Any]) -> list[Any]:
    return [row["created_at"].isoformat(), str(row["id"])]


def _forwarder_key(row: dict[str, Any]) -> list[Any]:
    return [row["last_forwarded_at"].isoformat(), str(row["guide_id"])]
