"""What happened to a customer, newest first, in one statement whatever the number of kinds of facts."""

from base64 import b64decode
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import current_app
from sqlalchemy import CTE, Select, Text, cast, literal, select, true, tuple_, union_all
from sqlalchemy.orm import aliased

from clienteling.queries.facts import Facts
from clienteling.queries.notes import read_note
from customers.queries import CustomerNotFound, sees_asked
from kit.db import fetch_all
from kit.principal import Principal
from models import Customer, Staff, Store

Row = dict[str, Any]

# Of a fact; its key in the order of time is (at, kind, id).
COLUMNS = ("kind", "id", "at", "guide_id", "store_id", "details")
EXTENSION = "timeline_facts"


def list_timeline(customer_id: UUID, *, principal: Principal, after: Sequence[Any] | None, limit: int) -> list[Row]:
    """The facts of a customer in sight and of those merged into them, newest first; raises CustomerNotFound."""
    rows = fetch_all(_statement(customer_id, principal, after, limit))
    if not rows:
        raise CustomerNotFound
    # Somebody without facts, or past the last of them, is a row without one.
    return [_opened(row, principal) for row in rows if row["kind"] is not None]


def _statement(
    customer_id: UUID, principal: Principal, after: Sequence[Any] | None, limit: int
) -> Select[*tuple[Any, ...]]:
    whose = _whose(customer_id, principal)
    registered: tuple[Facts, ...] = current_app.extensions[EXTENSION]
    branches = [_branch(facts, whose, after, limit) for facts in registered]
    # UNION ALL takes branches with a LIMIT of their own in parentheses.
    found = union_all(*(select(branch.subquery()) for branch in branches)).subquery("found")
    newest = select(found).order_by(found.c.at.desc(), found.c.kind.desc(), found.c.id.desc()).limit(limit)
    fact = newest.subquery("fact")
    columns = [fact.c[name] for name in COLUMNS]
    return (
        select(*columns, Staff.name.label("guide_name"), Store.name.label("store_name"))
        .select_from(whose)
        .outerjoin(fact, true())
        .outerjoin(Staff, Staff.id == fact.c.guide_id)
        .outerjoin(Store, Store.id == fact.c.store_id)
        .where(whose.c.is_person)
        .order_by(fact.c.at.desc(), fact.c.kind.desc(), fact.c.id.desc())
    )


def _whose(customer_id: UUID, principal: Principal) -> CTE:
    """The person in sight, and those who were merged into them."""
    asked, person, merged = aliased(Customer), aliased(Customer), aliased(Customer)
    seen = (
        select(person.id, literal(True).label("is_person"))
        .join(asked, person.id == asked.person_id)
        .where(asked.id == customer_id, person.erased_at.is_(None), sees_asked(principal, person))
    ).cte("seen")
    others = select(merged.id, literal(False)).join(seen, (merged.person_id == seen.c.id) & (merged.id != seen.c.id))
    return union_all(select(seen), others).cte("whose")


def _branch(facts: Facts, whose: CTE, after: Sequence[Any] | None, limit: int) -> Select[*tuple[Any, ...]]:
    rows = facts.rows.subquery()
    key = (rows.c.at, literal(facts.kind, Text), rows.c.id)
    statement = select(
        key[1].label("kind"), cast(rows.c.id, Text).label("id"), *(rows.c[name] for name in COLUMNS[2:])
    ).where(rows.c.customer_id.in_(select(whose.c.id)))
    if after is not None:
        at = datetime.fromisoformat(after[0])
        statement = statement.where(
            tuple_(*key) < tuple_(literal(at), literal(after[1], Text), literal(after[2], Text))
        )
    return statement.order_by(rows.c.at.desc(), rows.c.id.desc()).limit(limit)


def _opened(row: Row, principal: Principal) -> Row:
    """A follow-up's note for those who may read it; other facts hold none."""
    details = row["details"]
    sealed = details.pop("sealed_note", None)
    if sealed is not None:
        details["note"] = read_note(b64decode(sealed), UUID(row["id"]), principal=principal).text
    return row
