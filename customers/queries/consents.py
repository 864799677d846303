"""What customers said about being contacted."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select, tuple_
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import aliased

from customers.evidence import unseal_evidence
from kit.db import db, fetch_all
from models import Consent, Customer

Row = dict[str, Any]
COLUMNS = (
    Consent.id,
    Consent.channel,
    Consent.granted,
    Consent.given_at,
    Consent.origin,
    Consent.text_version,
    Consent.sealed_evidence,
    Consent.recorder_kind,
    Consent.recorder_id,
    Consent.recorded_at,
)
NEWEST_FIRST = (Consent.given_at.desc(), Consent.id.desc())


def list_consents(
    person_id: UUID, *, after: Sequence[Any] | None, limit: int, holding: bool = False, with_evidence: bool = False
) -> list[Row]:
    """A person's consents and refusals (or only those `holding`), newest first; `holds` marks those in force."""
    later = aliased(Consent)
    overtaken = exists().where(
        later.customer_id.in_(_merged(person_id)),
        later.channel == Consent.channel,
        tuple_(later.given_at, later.id) > tuple_(Consent.given_at, Consent.id),
    )
    statement = (
        select(*COLUMNS, (~overtaken).label("holds"))
        .where(Consent.customer_id.in_(_merged(person_id)))
        .order_by(*NEWEST_FIRST)
        .limit(limit)
    )
    if after is not None:
        past = tuple_(datetime.fromisoformat(after[0]), UUID(after[1]))
        statement = statement.where(tuple_(Consent.given_at, Consent.id) < past)
    if holding:
        statement = statement.where(~overtaken)
    rows = list(fetch_all(statement))
    for row in rows:
        sealed = row.pop("sealed_evidence")
        row["evidence"] = unseal_evidence(row["id"], sealed) if with_evidence else None
    return rows


def has_declined(customer_id: UUID, channel: str) -> bool:
    """Whether a no holds for the channel already."""
    person_id = select(Customer.person_id).where(Customer.id == customer_id)
    said = select(Consent.granted).where(Consent.customer_id == person_id.scalar_subquery(), Consent.channel == channel)
    return db.session.scalar(said.order_by(*NEWEST_FIRST).limit(1)) is False


def find_consents(customer_ids: Sequence[UUID]) -> list[Row]:
    """What holds now, by customer as recorded and channel: customer_id, channel, granted."""
    statement = (
        select(Consent.customer_id, Consent.channel, Consent.granted)
        .ext(distinct_on(Consent.customer_id, Consent.channel))
        .where(Consent.customer_id.in_(customer_ids))
        .order_by(Consent.customer_id, Consent.channel, *NEWEST_FIRST)
    )
    return list(fetch_all(statement))


def _merged(person_id: UUID) -> Any:
    """The ids of the person and of everybody who turned out to be them."""
    return select(Customer.id).where(Customer.person_id == person_id)
