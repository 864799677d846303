"""What guides did for customers, and whom they want to see to next."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, CompoundSelect, Select, and_, exists, func, or_, select, tuple_, union_all
from sqlalchemy.orm import aliased

from clienteling.queries.notes import read_note
from customers.queries import get_person, masked_profile_name, sees_customer
from kit.db import db, fetch_all, fetch_one
from kit.principal import Principal, Reach
from models import Binding, Customer, FollowUp, Staff
from staff.scope import sees_guide

Row = dict[str, Any]

Person = aliased(Customer, name="person")
Later = aliased(FollowUp, name="later")


def find_recorded(follow_up_id: UUID) -> FollowUp | None:
    """The follow-up of this id, whoever wrote it."""
    return db.session.get(FollowUp, follow_up_id)


def was_bound(customer_id: UUID, *, guide_id: UUID, at: datetime) -> bool:
    """Whether the customer, not erased since, was the guide's own at that instant."""
    bound = select(Binding.id).join(Customer, Customer.id == Binding.customer_id)
    then = and_(Binding.bound_at <= at, or_(Binding.ended_at.is_(None), Binding.ended_at > at))
    mine = bound.where(
        Binding.customer_id == customer_id, Binding.guide_id == guide_id, then, Customer.erased_at.is_(None)
    )
    return db.session.scalar(select(mine.exists())) or False


def is_one_person(*customer_ids: UUID) -> bool:
    """Whether these customers are one person: the same, or merged."""
    person = Customer.person_id
    people = select(func.count(person.distinct())).where(Customer.id.in_(customer_ids))
    return db.session.scalar(people) == 1


def get_follow_up(follow_up_id: UUID, *, principal: Principal) -> Row:
    """One follow-up that exists, its note only if the principal sees the customer."""
    row = fetch_one(_rows(principal).where(FollowUp.id == follow_up_id))
    if row is None:
        raise LookupError(follow_up_id)
    return _opened(row, principal)


def list_follow_ups(
    *, principal: Principal, customer_id: UUID | None, after: Sequence[Any] | None, limit: int
) -> list[Row]:
    """What was done by whom the principal sees, or for one customer in sight by anyone; newest first.

    Raises CustomerNotFound.
    """
    statement = _rows(principal)
    if customer_id is not None:
        statement = statement.where(_of_person(FollowUp.customer_id, get_person(customer_id, principal)))
    else:
        statement = statement.where(sees_guide(FollowUp.guide_id, FollowUp.store_id, principal))
    if after is not None:
        keyset = tuple_(FollowUp.at, FollowUp.id)
        statement = statement.where(keyset < tuple_(datetime.fromisoformat(after[0]), UUID(after[1])))
    newest_first = statement.order_by(FollowUp.at.desc(), FollowUp.id.desc()).limit(limit)
    return [_opened(row, principal) for row in fetch_all(newest_first)]


def list_due(*, principal: Principal, due: date, after: Sequence[Any] | None, limit: int) -> list[Row]:
    """Of each customer in sight, the newest follow-up if its next date is `due` or earlier; the oldest date first."""
    statement = _rows(principal).where(
        FollowUp.next_on <= due, Person.erased_at.is_(None), sees_customer(principal, Person), *_newest()
    )
    if principal.reach is not Reach.ALL:
        # Implied already; said so that a guide's few customers are looked up, and not every date there ever was.
        statement = statement.where(FollowUp.customer_id.in_(_in_sight(principal)))
    if after is not None:
        keyset = tuple_(FollowUp.next_on, FollowUp.id)
        statement = statement.where(keyset > tuple_(date.fromisoformat(after[0]), UUID(after[1])))
    soonest_first = statement.order_by(FollowUp.next_on, FollowUp.id).limit(limit)
    return [_opened(row, principal) for row in fetch_all(soonest_first)]


def _in_sight(principal: Principal) -> CompoundSelect[Any]:
    """The ids of the people the principal sees, and of those who were merged into them."""
    seen, survivor, loser = aliased(Customer), aliased(Customer), aliased(Customer)
    people = select(seen.id).where(sees_customer(principal, seen))
    merged = select(loser.id).join(survivor, (survivor.id == loser.person_id) & (survivor.id != loser.id))
    return union_all(people, merged.where(sees_customer(principal, survivor)))


def _rows(principal: Principal) -> Select[*tuple[Any, ...]]:
    columns = (
        FollowUp.id, Person.id.label("customer_id"), Person.sealed_profile, FollowUp.guide_id,
        Staff.name.label("guide_name"),
        FollowUp.store_id, FollowUp.at, FollowUp.channel, FollowUp.outcome, FollowUp.sealed_note, FollowUp.next_on,
        FollowUp.corrects_id, _corrected().label("corrected"), FollowUp.created_at,
        and_(Person.erased_at.is_(None), sees_customer(principal, Person)).label("in_sight"),
    )  # fmt: skip
    return (
        select(*columns)
        .join(Customer, Customer.id == FollowUp.customer_id)
        .join(Person, Person.id == Customer.person_id)
        .join(Staff, Staff.id == FollowUp.guide_id)
    )


def _corrected() -> ColumnElement[bool]:
    return exists().where(Later.corrects_id == FollowUp.id)


def _newest() -> Iterator[ColumnElement[bool]]:
    """That there is no later word on the same person: no correction, no other follow-up."""
    newer = tuple_(Later.at, Later.id) > tuple_(FollowUp.at, FollowUp.id)
    word = and_(or_(newer, Later.corrects_id == FollowUp.id), ~_replaced())
    merged = aliased(Customer, name="merged")
    # One for the person and one for who was merged into them, so that an index finds each one's follow-ups.
    yield ~exists().where(Later.customer_id == Person.id, word).correlate_except(Later)
    theirs = and_(Later.customer_id == merged.id, merged.person_id == Person.id, merged.id != Person.id)
    yield ~exists().where(theirs, word).correlate_except(Later, merged)


def _replaced() -> ColumnElement[bool]:
    again = aliased(FollowUp, name="again")
    return exists().where(again.corrects_id == Later.id)


def _of_person(customer_id: Any, person_id: Any) -> ColumnElement[bool]:
    """True for facts of the person and of those who were merged into them."""
    merged = aliased(Customer, name="merged")
    people = select(merged.id).where(merged.person_id == person_id)
    found: ColumnElement[bool] = customer_id.in_(people.correlate_except(merged))
    return found


def _opened(row: Row, principal: Principal) -> Row:
    """The row with its note for who may read it, and the customer's masked name for who sees them."""
    sealed, in_sight, profile = row.pop("sealed_note"), row.pop("in_sight"), row.pop("sealed_profile")
    row["customer_name"] = masked_profile_name(row["customer_id"], profile) if in_sight else None
    row["note"], row["note_masked"] = read_note(sealed, row["id"], principal=principal, in_sight=in_sight)
    return row
