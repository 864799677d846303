"""What guides did for customers, and whom they want to see to next."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CTE,
    ColumnElement,
    Select,
    SelectBase,
    Uuid,
    and_,
    any_,
    exists,
    func,
    literal,
    or_,
    select,
    true,
    tuple_,
    union,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased

from clienteling.queries.notes import read_note
from customers.queries import get_person, is_among_seen, masked_profile_name, sees_customer
from kit.db import db, fetch_all, fetch_one
from kit.principal import Principal, Reach
from models import Binding, Customer, FollowUp, Staff
from staff.scope import Listed, Page, read_page, sees_guide, sees_store

Row = dict[str, Any]

BY_TIME = Listed(keys=(FollowUp.at, FollowUp.id), guide_id=FollowUp.guide_id, store_id=FollowUp.store_id)
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
    last = None if after is None else (datetime.fromisoformat(after[0]), UUID(after[1]))
    newest_first = _rows(principal).order_by(FollowUp.at.desc(), FollowUp.id.desc())
    if customer_id is None:
        rows = read_page(
            BY_TIME,
            Page(limit=limit, after=last),
            principal=principal,
            read=lambda theirs: list(fetch_all(newest_first.where(theirs))),
        )
    else:
        of_person = newest_first.where(_of_person(FollowUp.customer_id, get_person(customer_id, principal)))
        past = true() if last is None else tuple_(FollowUp.at, FollowUp.id) < tuple_(*map(literal, last))
        rows = list(fetch_all(of_person.where(past).limit(limit)))
    return [_opened(row, principal) for row in rows]


def list_due(*, principal: Principal, due: date, after: Sequence[Any] | None, limit: int) -> list[Row]:
    """Of each customer in sight, the newest follow-up if its next date is `due` or earlier; the oldest date first."""
    is_due = [FollowUp.next_on <= due]
    if after is not None:
        keyset = tuple_(FollowUp.next_on, FollowUp.id)
        is_due.append(keyset > tuple_(date.fromisoformat(after[0]), UUID(after[1])))
    soonest_first = _rows(principal).order_by(FollowUp.next_on, FollowUp.id).limit(limit)
    if principal.reach in (Reach.SELF, Reach.STORE):
        ids = db.session.scalars(_due_of_each(principal, is_due, limit=limit)).all()
        theirs: tuple[ColumnElement[bool], ...] = (FollowUp.id == any_(literal(ids, ARRAY(Uuid))),)
    else:
        seen = Person.erased_at.is_(None) & is_among_seen(Person.id, principal)
        theirs = (*is_due, seen, *_newest(Person.id))
    return [_opened(row, principal) for row in fetch_all(soonest_first.where(*theirs))]


def _due_of_each(principal: Principal, is_due: list[ColumnElement[bool]], *, limit: int) -> Select[Any]:
    """From person to person: somebody's own are some hundreds, and the dates there ever were are millions."""
    each = _people(principal)
    mine = select(FollowUp.id, FollowUp.next_on).where(FollowUp.customer_id == each.c.id, *is_due)
    due = mine.where(*_newest(each.c.person_id)).offset(0).lateral("due")
    return select(due.c.id).select_from(each.join(due, true())).order_by(due.c.next_on, due.c.id).limit(limit)


def _people(principal: Principal) -> CTE:
    """The people the principal sees, and who was merged into them: `id`, and whose facts its facts are."""
    guides = select(Staff.id).where(sees_guide(Staff.id, Staff.store_id, principal))
    bound = select(Binding.customer_id.label("id")).where(Binding.guide_id.in_(guides), Binding.ended_at.is_(None))
    seen: SelectBase = bound
    if principal.reach is Reach.STORE:
        here = select(Customer.id).where(Customer.merged_into_id.is_(None), Customer.erased_at.is_(None))
        seen = union(bound, here.where(sees_store(Customer.store_id, principal)))
    found = seen.subquery("seen")
    member = aliased(Customer, name="member")
    standing = (
        select(Person.id)
        .join(found, found.c.id == Person.id)
        .where(Person.erased_at.is_(None), Person.merged_into_id.is_(None))
        .cte("standing")
    )
    return (
        select(member.id, standing.c.id.label("person_id"))
        .join(standing, standing.c.id == member.person_id)
        .cte("people")
    )


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
    # Looked up for each row of a page: of `exists` PostgreSQL may make a hash of all corrections.
    return select(Later.id).where(Later.corrects_id == FollowUp.id).limit(1).scalar_subquery().is_not(None)


def _newest(person_id: Any) -> Iterator[ColumnElement[bool]]:
    """That there is no later word on the same person: no correction, no other follow-up."""
    newer = tuple_(Later.at, Later.id) > tuple_(FollowUp.at, FollowUp.id)
    word = and_(or_(newer, Later.corrects_id == FollowUp.id), ~_replaced())
    merged = aliased(Customer, name="merged")
    # One for the person and one for who was merged into them, so that an index finds each one's follow-ups.
    yield ~exists().where(Later.customer_id == person_id, word).correlate_except(Later)
    theirs = select(Later.id).join(merged, merged.id == Later.customer_id)
    others = theirs.where(merged.person_id == person_id, merged.id != person_id, word)
    yield ~others.correlate_except(Later, merged).exists()


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
