"""What decides whether customers may be contacted: the facts of many people in one statement."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Uuid, any_, exists, func, literal, or_, select, true
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by
from sqlalchemy.orm import aliased

from customers.queries.sight import sees_asked
from customers.rules.contacts import MONTH, Facts
from customers.rules.policies import ContactPolicy
from customers.rules.quiet import QuietHours
from kit.db import db, fetch_all
from kit.principal import Principal
from models import Binding, BindingTransfer, Consent, Contact, Customer, Store
from models import QuietHours as OwnHours

Row = dict[str, Any]


class Known(NamedTuple):
    """The person behind a customer id, and what decides about contacting them."""

    person_id: UUID
    facts: Facts


def find_facts(
    customer_ids: Collection[UUID],
    *,
    channels: Sequence[str],
    guide_id: UUID | None,
    principal: Principal,
    policy: ContactPolicy,
    now: datetime,
) -> dict[UUID, Known]:
    """What is known of those of the customers whom the principal sees, by the id asked for; erased ones too."""
    statement = _facts(list(customer_ids), channels=channels, guide_id=guide_id, now=now)
    seen = statement.where(sees_asked(principal, PERSON))
    return {row["asked_id"]: Known(row["person_id"], _facts_of(row, policy)) for row in fetch_all(seen)}


ASKED, PERSON, LIVE = aliased(Customer), aliased(Customer), aliased(Binding)
OWN, STORES = aliased(OwnHours), aliased(OwnHours)


def _facts(customer_ids: list[UUID], *, channels: Sequence[str], guide_id: UUID | None, now: datetime) -> Select[Any]:
    merged = aliased(Customer)
    # Everybody who turned out to be this person: what they said and received counts.
    everybody = func.array_agg(merged.id).label("ids")
    same = select(everybody).where(merged.person_id == PERSON.id).correlate(PERSON).lateral("same")
    contacts = _contacts(any_(same.c.ids), now=now).lateral("contacts")
    consents = _consents(any_(same.c.ids), channels).lateral("consents")
    refused = exists().where(
        BindingTransfer.customer_id == any_(same.c.ids),
        BindingTransfer.to_guide_id == literal(guide_id, Uuid),
        BindingTransfer.refused_at.is_not(None),
        LIVE.guide_id.is_distinct_from(literal(guide_id, Uuid)),
    )
    return (
        select(
            ASKED.id.label("asked_id"),
            PERSON.id.label("person_id"),
            PERSON.erased_at,
            consents.c.granted,
            LIVE.id.label("binding_id"),
            refused.label("refused_guide"),
            contacts.c.at.label("contacted_at"),
            func.coalesce(OWN.starts, STORES.starts).label("starts"),
            func.coalesce(OWN.ends, STORES.ends).label("ends"),
            Store.time_zone,
        )
        .select_from(ASKED)
        .join(PERSON, PERSON.id == ASKED.person_id)
        .join(same, true())
        .join(contacts, true())
        .join(consents, true())
        .outerjoin(LIVE, (LIVE.customer_id == PERSON.id) & LIVE.ended_at.is_(None))
        .outerjoin(Store, Store.id == func.coalesce(PERSON.store_id, LIVE.store_id))
        .outerjoin(OWN, OWN.customer_id == PERSON.id)
        .outerjoin(STORES, STORES.store_id == Store.id)
        .where(ASKED.id == any_(literal(customer_ids, ARRAY(Uuid))))
    )


def _contacts(same: Any, *, now: datetime) -> Select[Any]:
    newest_first: Any = aggregate_order_by(Contact.reserved_at, Contact.reserved_at.desc())
    return select(func.array_agg(newest_first).label("at")).where(
        Contact.customer_id == same, Contact.reserved_at > now - MONTH, *_holds(now)
    )


def _consents(same: Any, channels: Sequence[str]) -> Select[Any]:
    """What holds of what was said, by channel: null where nothing was. Of equal keys JSONB keeps the last."""
    oldest_first: Any = aggregate_order_by(Consent.granted, Consent.given_at, Consent.id)
    said = select(func.jsonb_object_agg(Consent.channel, oldest_first).label("granted"))
    return said.where(Consent.customer_id == same, Consent.channel.in_(channels))


def _facts_of(row: Row, policy: ContactPolicy) -> Facts:
    starts, ends = row["starts"] or policy.quiet_from, row["ends"] or policy.quiet_until
    return Facts(
        erased=row["erased_at"] is not None,
        consents=row["granted"] or {},
        bound=row["binding_id"] is not None,
        refused_guide=row["refused_guide"],
        contacted_at=row["contacted_at"] or (),
        quiet=QuietHours(starts, ends, row["time_zone"] or policy.time_zone),
    )


def find_held_contacts(reference_id: UUID, person_ids: Collection[UUID], *, now: datetime) -> list[Contact]:
    """The contacts of these people for a reference that are sent or still reserved, for changing them."""
    statement = select(Contact).where(
        Contact.reference_id == reference_id, Contact.customer_id.in_(person_ids), *_holds(now)
    )
    return list(db.session.scalars(statement))


def _holds(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """True for what takes a place in the budget: what was not released, and is sent or not expired."""
    return Contact.released_at.is_(None), or_(Contact.sent_at.is_not(None), Contact.expires_at > now)
