"""Rows of a board as answers: whole, by name only, or by figure only."""

from typing import Any
from uuid import UUID

from kit.money import as_money

Row = dict[str, Any]


def person(row: Row) -> Row | None:
    """Whose row it is; nobody's where a line has no guide."""
    return {"id": row["guide_id"], "staff_no": row["staff_no"], "name": row["name"]} if row["guide_id"] else None


def standing(row: Row, currency: str | None) -> Row:
    """Rank and figure: an amount in `currency`, or a count where there is none."""
    amount = as_money(row["value"], currency) if currency else None
    return {"rank": row["rank"], "amount": amount, "count": None if currency else row["value"]}


def leader(row: Row, currency: str | None, *, me: UUID, with_value: bool) -> Row:
    """Somebody within sight; my own figure is always shown."""
    is_me = row["guide_id"] == me
    value = {} if with_value or is_me else {"amount": None}
    return {**standing(row, currency), **value, "guide": person(row), "is_me": is_me}


def name_only(row: Row) -> Row:
    """Somebody who leads, beyond sight: no number, no figure."""
    guide = {"id": None, "staff_no": None, "name": row["name"]}
    return {"rank": row["rank"], "amount": None, "count": None, "guide": guide, "is_me": False}


def neighbour(row: Row, currency: str | None, *, with_value: bool) -> Row:
    """Somebody next to me, beyond sight: what it takes to pass them, not who they are."""
    value = {} if with_value else {"amount": None, "count": None}
    return {**standing(row, currency), **value, "guide": None, "is_me": False}
