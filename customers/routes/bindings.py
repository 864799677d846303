"""Whose customers are, and how they go from one guide to another."""

import io
from functools import partial
from typing import Any
from uuid import UUID

import msgspec
import segno
from flask import Response

from customers import guide_codes, queries, service
from customers.items import TransferItem
from customers.queries.sight import CustomerNotFound
from customers.queries.transfers import TransferNotFound
from customers.routes.blueprint import READ, SERVE, TILL, WRITE, bp
from customers.rules.policies import BindingPolicy
from customers.schemas import bindings as schemas
from customers.service.bindings import BindingProtected, GuideUnavailable
from customers.service.transfers import AlreadyTheirs, CustomerUnbound, TransferLimit, TransferOver, TransferWaiting
from kit import clock
from kit.web.auth import auth, principal
from kit.web.batch import Rejection, batch_of, outcomes
from kit.web.etag import etagged, if_match, serve, tag
from kit.web.io import body, query, reply
from kit.web.paging import PageIn, page
from kit.web.refusals import refuses
from staff.rules import ANY_STAFF, MANAGERS, SELLERS

Answer = dict[str, Any]
MAX_TRANSFERS = 100
PNG = {"type": "string", "format": "binary"}
MODULE_PIXELS = 10


@bp.post("/bindings")
@auth(roles=SERVE, scope=(WRITE, TILL))
@refuses(BindingProtected, CustomerNotFound, GuideUnavailable)
@body(schemas.BindingIn)
@reply(schemas.BindingOut, 201)
def bind_customer(customer_id: UUID | None, member_no: str | None, **guide: Any) -> Answer:
    """Make a customer some guide's own; the same guide again changes nothing, but confirms what was only claimed."""
    wanted = service.Wanted(**guide)
    if customer_id is not None:
        binding = service.bind_by_hand(customer_id, wanted=wanted, by=principal(), now=clock.now())
    else:
        binding = service.bind_member(member_no or "", wanted=wanted, by=principal(), now=clock.now())
    return queries.get_binding(binding.id)


@bp.get("/customers/<uuid:customer_id>/bindings")
@auth(roles=SERVE, scope=READ)
@refuses(CustomerNotFound)
@query(PageIn)
@reply(schemas.BindingPageOut)
def list_bindings(customer_id: UUID, limit: int, cursor: str | None) -> Answer:
    """Whose this customer is and was, newest first."""
    person_id = queries.get_person(customer_id, principal())
    return page(
        lambda after, n: queries.list_bindings(person_id, after=after, limit=n),
        name=f"bindings:{person_id}",
        cursor=cursor,
        limit=limit,
        key=lambda row: [row["bound_at"].isoformat(), str(row["id"])],
    )


@bp.get("/me/guide-code")
@auth(roles=SELLERS)
@reply(schemas.GuideCodeOut)
def get_guide_code() -> Answer:
    """The code that a customer scans to be mine."""
    return {"code": guide_codes.write(principal().id)}


@bp.get("/me/guide-code/picture")
@auth(roles=SELLERS)
@bp.response(200, PNG, content_type="image/png", description="A QR code.")
def draw_guide_code() -> Response:
    """That code as a QR code."""
    picture = io.BytesIO()
    segno.make(guide_codes.write(principal().id), micro=False).save(picture, kind="png", scale=MODULE_PIXELS)
    return Response(picture.getvalue(), mimetype="image/png")


@bp.post("/binding-transfers")
@auth(roles=MANAGERS)
@refuses(
    AlreadyTheirs, CustomerNotFound, CustomerUnbound, GuideUnavailable, TransferLimit, TransferNotFound, TransferWaiting
)
@body(schemas.TransferIn)
@reply(schemas.TransferOut, 201)
def transfer_customer(customer_id: UUID, to_guide_id: UUID, reason: str) -> Answer:
    """Hand a customer on to another guide; they may refuse until it takes effect."""
    transfer_id = service.transfer_customer(
        customer_id, to_guide_id=to_guide_id, reason=reason, by=principal(), now=clock.now()
    )
    return queries.get_transfer(transfer_id, principal())


@bp.post("/binding-transfers/batch")
@auth(roles=MANAGERS)
@batch_of(schemas.TransferIn, make=TransferItem, limit=MAX_TRANSFERS, name_field="customer_id")
def transfer_customers(items: list[tuple[int, TransferItem]], rejections: list[Rejection]) -> Answer:
    """Hand on up to 100 customers, each as if it were asked for alone."""
    return outcomes(service.transfer_batch(items, by=principal(), now=clock.now()), rejections)


@bp.get("/binding-transfers")
@auth(roles=SERVE, scope=READ)
@query(schemas.TransfersIn)
@reply(schemas.TransferPageOut)
def list_transfers(limit: int, cursor: str | None, state: str | None) -> Answer:
    """The transfers from and to guides whom I see, newest first."""
    fetch = partial(queries.list_transfers, principal=principal(), state=state)
    return page(
        lambda after, n: fetch(after=after, limit=n),
        name="binding-transfers",
        cursor=cursor,
        limit=limit,
        key=lambda row: [row["requested_at"].isoformat(), str(row["id"])],
    )


@bp.post("/binding-transfers/<uuid:transfer_id>/refusals")
@auth(roles=MANAGERS, scope=WRITE)
@refuses(TransferNotFound, TransferOver)
@reply(schemas.TransferOut)
def refuse_transfer(transfer_id: UUID) -> Answer:
    """The customer does not want to change; they stay with their guide."""
    service.refuse_transfer(transfer_id, by=principal(), now=clock.now())
    return queries.get_transfer(transfer_id, principal())


@bp.get("/binding-policy")
@auth(roles=ANY_STAFF)
@reply(schemas.BindingPolicyOut)
@etagged
def get_binding_policy() -> Answer:
    """How customers become a guide's own, and how often they may be handed on."""
    policy, version = queries.get_versioned_policy(BindingPolicy)
    serve(version)
    return {**msgspec.to_builtins(policy), "version": version}


@bp.put("/binding-policy")
@auth(roles={"hq_admin"})
@body(schemas.BindingPolicyIn)
@reply(schemas.BindingPolicyOut)
@if_match
def set_binding_policy(expected_version: int, **settings: Any) -> Answer:
    """Change that, from now on; bindings keep the protection that they have."""
    policy = BindingPolicy(**settings)
    version = service.set_policy(policy, expected_version=expected_version, now=clock.now())
    tag(version)
    return {**msgspec.to_builtins(policy), "version": version}
