"""Whether customers may be contacted: what they said, the hours they want quiet, the chain's limits."""

from functools import partial
from typing import Any
from uuid import UUID

import msgspec

from customers import queries, service
from customers.queries.sight import CustomerNotFound
from customers.routes.blueprint import READ, SERVE, WRITE, bp
from customers.rules.contacts import Verdict
from customers.rules.policies import ContactPolicy
from customers.schemas import contact as schemas
from customers.service.consents import ConsentOriginNotYours
from kit import clock
from kit.web.auth import auth, principal
from kit.web.etag import etagged, if_match, serve, tag
from kit.web.io import NothingOut, body, query, reply
from kit.web.paging import PageIn, page
from kit.web.refusals import refuses
from staff.queries import get_store
from staff.queries.stores import StoreNotFound
from staff.rules import ANY_STAFF, MANAGERS

Answer = dict[str, Any]
SEE_EVIDENCE = frozenset({"hq_admin"})


@bp.get("/customers/<uuid:customer_id>/consents")
@auth(roles=SERVE, scope=READ)
@refuses(CustomerNotFound)
@query(PageIn)
@reply(schemas.ConsentPageOut)
def list_consents(customer_id: UUID, limit: int, cursor: str | None) -> Answer:
    """All that a customer said about being contacted, newest first."""
    person_id = queries.get_person(customer_id, principal())
    fetch = partial(queries.list_consents, person_id, with_evidence=principal().has_any(SEE_EVIDENCE))
    return page(
        lambda after, n: fetch(after=after, limit=n),
        name=f"consents:{person_id}",
        cursor=cursor,
        limit=limit,
        key=lambda row: [row["given_at"].isoformat(), str(row["id"])],
    )


@bp.post("/customers/<uuid:customer_id>/consents")
@auth(roles=SERVE, scope=WRITE)
@refuses(ConsentOriginNotYours, CustomerNotFound)
@body(schemas.ConsentsIn)
@reply(schemas.ConsentsHoldingOut, 201)
def record_consents(customer_id: UUID, granted: dict[str, bool], **proof: Any) -> Answer:
    """Write down a customer's yes or no per channel, with its proof; answers what holds now."""
    service.record_consents(
        customer_id=customer_id, granted=granted, proof=service.Proof(**proof), by=principal(), now=clock.now()
    )
    person_id = queries.get_person(customer_id, principal())
    return {"items": queries.list_consents(person_id, after=None, limit=100, holding=True)}


@bp.get("/customers/<uuid:customer_id>/quiet-hours")
@auth(roles=SERVE, scope=READ)
@refuses(CustomerNotFound)
@reply(schemas.QuietHoursOut)
def get_customer_quiet_hours(customer_id: UUID) -> Answer:
    """When this customer is left alone, and whose setting that is."""
    return queries.get_quiet_hours(person_id=queries.get_person(customer_id, principal()))


@bp.put("/customers/<uuid:customer_id>/quiet-hours")
@auth(roles=SERVE, scope=WRITE)
@refuses(CustomerNotFound)
@body(schemas.QuietHoursIn)
@reply(schemas.QuietHoursOut)
def set_customer_quiet_hours(customer_id: UUID, starts: str, ends: str) -> Answer:
    """Set the hours that this customer asked for."""
    person_id = queries.get_person(customer_id, principal())
    service.set_quiet_hours(person_id=person_id, hours=(starts, ends), now=clock.now())
    return queries.get_quiet_hours(person_id=person_id)


@bp.delete("/customers/<uuid:customer_id>/quiet-hours")
@auth(roles=SERVE, scope=WRITE)
@refuses(CustomerNotFound)
@reply(NothingOut)
def unset_customer_quiet_hours(customer_id: UUID) -> Answer:
    """Leave this customer alone when the store's others are, again."""
    person_id = queries.get_person(customer_id, principal())
    service.set_quiet_hours(person_id=person_id, hours=None, now=clock.now())
    return {}


@bp.get("/stores/<uuid:store_id>/quiet-hours")
@auth(roles=ANY_STAFF)
@refuses(StoreNotFound)
@reply(schemas.QuietHoursOut)
def get_store_quiet_hours(store_id: UUID) -> Answer:
    """When a store's customers are left alone, and whose setting that is."""
    return queries.get_quiet_hours(store_id=get_store(store_id, principal=principal()).id)


@bp.put("/stores/<uuid:store_id>/quiet-hours")
@auth(roles=MANAGERS)
@refuses(StoreNotFound)
@body(schemas.QuietHoursIn)
@reply(schemas.QuietHoursOut)
def set_store_quiet_hours(store_id: UUID, starts: str, ends: str) -> Answer:
    """Set the hours in which a store's customers are left alone."""
    store = get_store(store_id, principal=principal())
    service.set_quiet_hours(store_id=store.id, hours=(starts, ends), now=clock.now())
    return queries.get_quiet_hours(store_id=store.id)


@bp.delete("/stores/<uuid:store_id>/quiet-hours")
@auth(roles=MANAGERS)
@refuses(StoreNotFound)
@reply(NothingOut)
def unset_store_quiet_hours(store_id: UUID) -> Answer:
    """Leave a store's customers alone at the chain's hours again."""
    store = get_store(store_id, principal=principal())
    service.set_quiet_hours(store_id=store.id, hours=None, now=clock.now())
    return {}


@bp.get("/contact-policy")
@auth(roles=ANY_STAFF)
@reply(schemas.ContactPolicyOut)
@etagged
def get_contact_policy() -> Answer:
    """How often, at which hours and with what consent the chain contacts its customers."""
    policy, version = queries.get_versioned_policy(ContactPolicy)
    serve(version)
    return {**msgspec.to_builtins(policy), "version": version}


@bp.put("/contact-policy")
@auth(roles={"hq_admin"})
@body(schemas.ContactPolicyIn)
@reply(schemas.ContactPolicyOut)
@if_match
def set_contact_policy(expected_version: int, **settings: Any) -> Answer:
    """Change that, for every guide and channel from now on."""
    policy = ContactPolicy(**settings)
    version = service.set_policy(policy, expected_version=expected_version, now=clock.now())
    tag(version)
    return {**msgspec.to_builtins(policy), "version": version}


@bp.post("/contact-checks")
@auth(roles=SERVE, scope=READ)
@body(schemas.ContactChecksIn)
@reply(schemas.ContactChecksOut)
def check_contacts(channel: str, customer_ids: list[UUID]) -> Answer:
    """Whom of these customers I may contact now; for each no every reason, and when next."""
    checked = service.check_contacts(customer_ids, channel=channel, principal=principal(), now=clock.now())
    return {"items": [_shown(one.customer_id, one.verdict) for one in checked]}


def _shown(customer_id: UUID, verdict: Verdict) -> Answer:
    return {
        "customer_id": customer_id,
        "allowed": verdict.allowed,
        "reasons": list(verdict.reasons),
        "detail": verdict.said,
        "next_allowed_at": verdict.next_allowed_at,
    }
