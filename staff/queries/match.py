"""Conditions that several reads share."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Date, Text, any_, cast, false, func, literal
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import InstrumentedAttribute

from kit.codes import fold_code


def contains(column: InstrumentedAttribute[str], part: str) -> ColumnElement[bool]:
    """True where `part` occurs in the column, whatever the case."""
    return column.icontains(part, autoescape=True)


def one_of(key: InstrumentedAttribute[str], codes: Collection[str]) -> ColumnElement[bool]:
    """True where the key of a code is that of one of `codes`, any number of them in one parameter."""
    every: ColumnElement[Any] = literal([fold_code(code) for code in codes], ARRAY(Text))
    return key == any_(every)


def code_contains(key: InstrumentedAttribute[str], part: str) -> ColumnElement[bool]:
    """True where `part` occurs in the code, however either is written; what is nothing but blanks occurs nowhere."""
    folded = fold_code(part)
    return key.contains(folded, autoescape=True) if folded else false()


def day_in(time_zone: InstrumentedAttribute[str], at: datetime) -> ColumnElement[date]:
    """The calendar day of `at` in the zone that the column names."""
    local: ColumnElement[date] = cast(func.timezone(time_zone, at), Date)
    return local
