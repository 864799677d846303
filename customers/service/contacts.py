"""Who may be contacted now, and the places in their budgets."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import update

from customers import queries
from customers.queries.contacts import find_facts, find_held_contacts
from customers.queries.policies import get_policy
from customers.rules.contacts import NOT_FOUND, Verdict, judge
from customers.rules.policies import ContactPolicy
from kit.db import db
from kit.principal import Principal
from models import Contact
from models.contact import CONTACT_CHANNELS


class Checked(NamedTuple):
    """The verdict on one of the customers asked about."""

    customer_id: UUID
    verdict: Verdict


class ChannelState(NamedTuple):
    """What a customer said about a channel (None: nothing), and the verdict on using it now."""

    channel: str
    consented: bool | None
    verdict: Verdict


class Reserved(NamedTuple):
    """A place in a customer's budget until `expires_at`, or the verdict that stands against one."""

    customer_id: UUID
    verdict: Verdict
    expires_at: datetime | None  # None: refused, or sent, which is for good


def check_contacts(
    customer_ids: Sequence[UUID],
    *,
    channel: str,
    principal: Principal,
    now: datetime,
    reference_id: UUID | None = None,
) -> list[Checked]:
    """For each customer, whether the principal may contact them now through the channel, and every reason why not.

    Who holds a place for `reference_id` already, reserved or sent, may be.
    """
    policy = get_policy(ContactPolicy)
    known = find_facts(
        customer_ids, channels=[channel], guide_id=_guide_id(principal), principal=principal, policy=policy, now=now
    )
    people = {one.person_id for one in known.values()}
    holding = {row.customer_id for row in find_held_contacts(reference_id, people, now=now)} if reference_id else set()

    def verdict(customer_id: UUID) -> Verdict:
        if customer_id not in known:
            return NOT_FOUND
        held = known[customer_id].person_id in holding
        return Verdict((), now) if held else judge(known[customer_id].facts, channel=channel, policy=policy, now=now)

    return [Checked(id_, verdict(id_)) for id_ in customer_ids]


def check_channels(
    customer_ids: Sequence[UUID], *, principal: Principal, now: datetime
) -> dict[UUID, list[ChannelState]]:
    """Of each of these customers in sight, for every channel what they said and whether it may be used now."""
    policy = get_policy(ContactPolicy)
    known = find_facts(
        customer_ids,
        channels=CONTACT_CHANNELS,
        guide_id=_guide_id(principal),
        principal=principal,
        policy=policy,
        now=now,
    )
    return {
        id_: [
            ChannelState(
                channel, one.facts.consents.get(channel), judge(one.facts, channel=channel, policy=policy, now=now)
            )
            for channel in CONTACT_CHANNELS
        ]
        for id_, one in known.items()
    }


def reserve_contacts(
    customer_ids: Sequence[UUID],
    *,
    channel: str,
    guide: Principal,
    reference_id: UUID,
    now: datetime,
    sent: bool = False,
) -> list[Reserved]:
    """Take a place in the budget of each customer who may be contacted now, for `reference_id`; the same again is one.

    `sent` says that the message leaves now; a place that is only reserved frees itself when it expires. Whoever
    reserves or withdraws consent at the same moment is waited for.
    """
    people = queries.lock_people(customer_ids)
    held = {row.customer_id: row for row in find_held_contacts(reference_id, set(people.values()), now=now)}
    asked = [id_ for id_ in customer_ids if people.get(id_) not in held]
    policy = get_policy(ContactPolicy)
    expires_at = now + timedelta(minutes=policy.reservation_minutes)
    outcomes = {id_: Reserved(id_, Verdict((), now), None) for id_ in customer_ids if people.get(id_) in held}
    for id_, verdict in check_contacts(asked, channel=channel, principal=guide, now=now):
        if verdict.allowed and people[id_] not in held:
            row = Contact(
                customer_id=people[id_],
                channel=channel,
                guide_id=guide.id,
                reference_id=reference_id,
                reserved_at=now,
                expires_at=expires_at,
            )
            db.session.add(row)
            held[row.customer_id] = row
        outcomes[id_] = Reserved(id_, verdict, None)
    if sent:
        _mark_sent(held.values(), now=now)
    db.session.flush()
    return [_with_expiry(outcomes[id_], held.get(people.get(id_, id_))) for id_ in customer_ids]


def count_sent(
    customer_ids: Sequence[UUID], *, channel: str, guide_id: UUID, reference_id: UUID, now: datetime
) -> None:
    """Count what has reached these customers, within their budget or beyond it; what was counted stays as it is."""
    people = set(queries.lock_people(customer_ids).values())
    held = {row.customer_id: row for row in find_held_contacts(reference_id, people, now=now)}
    times = {"reserved_at": now, "expires_at": now, "sent_at": now}
    for person_id in sorted(people - held.keys()):
        row = {"customer_id": person_id, "channel": channel, "guide_id": guide_id, "reference_id": reference_id}
        db.session.add(Contact(**row, **times))
    _mark_sent(held.values(), now=now)
    db.session.flush()


def release_contacts(
    reference_id: UUID, *, customer_ids: Collection[UUID] | None = None, unsent_only: bool = False, now: datetime
) -> None:
    """Give back the places taken for a reference (all, or those of some customers): nothing reached the customer."""
    statement = update(Contact).where(Contact.reference_id == reference_id, Contact.released_at.is_(None))
    if unsent_only:
        statement = statement.where(Contact.sent_at.is_(None))
    if customer_ids is not None:
        people = queries.lock_people(customer_ids)
        statement = statement.where(Contact.customer_id.in_(people.values()))
    db.session.execute(statement.values(released_at=now))


def release_unsent(person_id: UUID, *, channels: Sequence[str], now: datetime) -> None:
    """Take back what was reserved for a person, whom the caller has locked, through these channels and has not left."""
    unsent = (Contact.customer_id == person_id, Contact.channel.in_(channels), Contact.sent_at.is_(None))
    taken_back = update(Contact).where(*unsent, Contact.released_at.is_(None), Contact.expires_at > now)
    db.session.execute(taken_back.values(released_at=now))


def _mark_sent(held: Collection[Contact], *, now: datetime) -> None:
    for row in held:
        row.sent_at = row.sent_at or now


def _with_expiry(outcome: Reserved, held: Contact | None) -> Reserved:
    if held is None or held.sent_at is not None or not outcome.verdict.allowed:
        return outcome
    return outcome._replace(expires_at=held.expires_at)


def _guide_id(principal: Principal) -> UUID | None:
    return principal.id if principal.kind == "staff" else None
