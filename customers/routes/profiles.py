"""Customers, one by one and in lists, masked; how channels know them."""

from datetime import date
from typing import Any
from uuid import UUID

from customers import queries, service
from customers.queries.sight import CustomerNotFound
from customers.routes.blueprint import READ, SERVE, WRITE, bp
from customers.schemas import profiles as schemas
from customers.sealed import PROFILE_FIELDS
from customers.service.bindings import BindingProtected
from customers.service.identities import CustomerKnown, IdentityNotFound, TooManyIdentities
from customers.service.profiles import CustomerIdTaken, MemberNoNotYours
from customers.service.reveals import TooManyReveals
from kit import clock
from kit.web import limits
from kit.web.auth import auth, principal
from kit.web.etag import etagged, if_match, serve, tag
from kit.web.idempotency import unkept
from kit.web.io import body, reply
from kit.web.refusals import refuses

Answer = dict[str, Any]
LOOK_UP = "look_up"


@bp.post("/customers")
@auth(roles=SERVE, scope=WRITE)
@refuses(BindingProtected, CustomerIdTaken, CustomerKnown, CustomerNotFound, MemberNoNotYours)
@body(schemas.CustomerIn)
@reply(schemas.CustomerOut, 201)
def create_customer(id: UUID, identities: list[Answer], **given: Any) -> Answer:
    """Add a customer; a guide's is the guide's own from then on."""
    _count_look_up()
    profile = {field: value for field in PROFILE_FIELDS if (value := _plain(given.pop(field))) is not None}
    named = [(one["kind"], one["value"]) for one in identities]
    service.create_customer(customer_id=id, profile=profile, identities=named, by=principal(), now=clock.now(), **given)
    return queries.get_customer(id, principal())


@bp.post("/customers/lookups")
@auth(roles=SERVE, scope=READ)
@unkept
@body(schemas.LookUpIn)
@reply(schemas.FoundOut)
def look_up_customers(kind: str, value: str) -> Answer:
    """The customers I see who are known by a telephone, another identity or a member number."""
    _count_look_up()
    if kind != queries.MEMBER_NO:
        [(kind, value)] = service.read_identities([(kind, value)])
    return {"items": queries.find_customers(kind=kind, value=value, principal=principal())}


@bp.get("/customers/<uuid:customer_id>")
@auth(roles=SERVE, scope=READ)
@refuses(CustomerNotFound)
@reply(schemas.CustomerOut)
@etagged
def get_customer(customer_id: UUID) -> Answer:
    """One customer, masked; who was merged is who they became."""
    customer = queries.get_customer(customer_id, principal())
    serve(customer["version"])
    return customer


@bp.patch("/customers/<uuid:customer_id>")
@auth(roles=SERVE, scope=WRITE)
@refuses(CustomerNotFound)
@body(schemas.CustomerPatch)
@reply(schemas.CustomerOut)
@if_match
def change_customer(customer_id: UUID, expected_version: int, **changes: Any) -> Answer:
    """Change what is given of a customer's profile; null takes a field away."""
    person_id = queries.get_person(customer_id, principal())
    plain = {field: _plain(value) for field, value in changes.items()}
    service.change_customer(person_id, changes=plain, expected_version=expected_version, now=clock.now())
    customer = queries.get_customer(person_id, principal())
    tag(customer["version"])
    return customer


@bp.post("/customers/<uuid:customer_id>/identities")
@auth(roles=SERVE, scope=WRITE)
@refuses(CustomerKnown, CustomerNotFound, TooManyIdentities)
@body(schemas.IdentityAddIn)
@reply(schemas.CustomerOut)
def add_identity(customer_id: UUID, kind: str, value: str, shared_phone: bool) -> Answer:
    """Let a channel know the customer by this, too."""
    _count_look_up()
    person_id = queries.get_person(customer_id, principal())
    service.add_identity(
        customer_id=person_id, kind=kind, value=value, shared_phone=shared_phone, by=principal(), now=clock.now()
    )
    return queries.get_customer(person_id, principal())


@bp.delete("/customers/<uuid:customer_id>/identities/<uuid:identity_id>")
@auth(roles=SERVE, scope=WRITE)
@refuses(CustomerNotFound, IdentityNotFound)
@reply(schemas.CustomerOut)
def remove_identity(customer_id: UUID, identity_id: UUID) -> Answer:
    """Let the customer be known by this no longer."""
    person_id = queries.get_person(customer_id, principal())
    service.remove_identity(customer_id=person_id, identity_id=identity_id, now=clock.now())
    return queries.get_customer(person_id, principal())


@bp.post("/customers/<uuid:customer_id>/reveals")
@auth(roles=SERVE)
@refuses(CustomerNotFound, TooManyReveals)
@unkept
@body(schemas.RevealIn)
@reply(schemas.RevealOut)
def reveal_customer(customer_id: UUID, reason: str) -> Answer:
    """A customer's personal data, plain; who asked, when and why is written down."""
    person_id = queries.get_person(customer_id, principal())
    return service.reveal_customer(customer_id=person_id, reason=reason, by=principal(), now=clock.now())


def _count_look_up() -> None:
    """Whoever may ask by telephone could ask for all of them; machines that sync are limited as machines are."""
    if principal().kind == "staff":
        limits.spend_by_principal(principal(), LOOK_UP)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
