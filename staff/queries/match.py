"""Conditions that several reads share."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Date, Text, any_, cast, func, literal
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import InstrumentedAttribute


def contains(column: InstrumentedAttribute[str], part: str) -> ColumnElement[bool]:
    """True where `part` occurs in the column, whatever the case."""
    return column.icontains(part, autoescape=True)


def one_of(column: InstrumentedAttribute[str], values: Collection[str]) -> ColumnElement[bool]:
    """True where the column is one of `values`, any number of them in one parameter."""
    every: ColumnElement[Any] = literal(list(values), ARRAY(Text))
    return column == any_(every)


def day_in(time_zone: InstrumentedAttribute[str], at: datetime) -> ColumnElement[date]:
    """The calendar day of `at` in the zone that the column names."""
    local: ColumnElement[date] = cast(func.timezone(time_zone, at), Date)
    return local
