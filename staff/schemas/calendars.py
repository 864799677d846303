"""Business calendars."""

from typing import Any

from marshmallow import fields

from kit.web import validate
from kit.web.io import In, Out, QueryIn, text_field
from kit.web.sheets import SheetIn
from staff.rules.calendar import FIRST_YEAR, KINDS, LAST_YEAR
from staff.rules.rows import MAX_FESTIVAL, MAX_NAME

MAX_DAYS = 366


def _kind(**options: Any) -> fields.String:
    return fields.String(required=True, validate=validate.OneOf(KINDS), **options)


def _days(**options: Any) -> "fields.List[Any]":
    return fields.List(
        fields.Nested(CalendarDayIn),
        validate=validate.Length(max=MAX_DAYS),
        metadata={"description": "Days that differ from the week (Monday to Friday workdays), and festivals."},
        **options,
    )


class CalendarIn(QueryIn):
    first = fields.Date(required=True, data_key="from", metadata={"description": "First day."})
    last = fields.Date(
        required=True,
        data_key="to",
        metadata={"description": f"Last day; at most {MAX_DAYS} days.", "example": "2026-11-30"},
    )


class CalendarSheetIn(SheetIn):
    country = fields.String(
        required=True,
        validate=validate.Length(equal=2),
        metadata={"description": "ISO 3166-1, two letters.", "example": "SG"},
    )


class CalendarDayIn(In):
    day = fields.Date(required=True)
    kind = _kind()
    festival = text_field(MAX_FESTIVAL, load_default=None, allow_none=True, metadata={"example": "店庆"})


class CalendarYearIn(In):
    year = fields.Integer(
        required=True, strict=True, validate=validate.Range(FIRST_YEAR, LAST_YEAR), metadata={"example": 2027}
    )
    decree = text_field(
        MAX_NAME, required=True, metadata={"description": "Where it is published.", "example": "Gazette 12/2026"}
    )
    days = _days(required=True)


class CalendarYearPatch(In):
    decree = text_field(MAX_NAME)
    days = _days(load_default=list)


class LunarDateOut(Out):
    year = fields.Integer(required=True)
    month = fields.Integer(required=True, metadata={"example": 6})
    day = fields.Integer(required=True, metadata={"example": 1})
    is_leap_month = fields.Boolean(required=True)
    text = fields.String(required=True, metadata={"example": "闰六月初一"})


class CalendarDayOut(Out):
    day = fields.Date(required=True)
    kind = _kind()
    festival = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "That it is, or whose holidays it belongs to.", "example": "中秋"},
    )
    lunar = fields.Nested(LunarDateOut, required=True)


class DecreedYearOut(Out):
    year = fields.Integer(required=True, metadata={"example": 2026})
    is_decreed = fields.Boolean(required=True, metadata={"description": "False: its days follow the week alone."})
    decree = fields.String(
        required=True, allow_none=True, metadata={"description": "Where its holidays are published."}
    )
    version = fields.Integer(required=True, allow_none=True, metadata={"description": "The ETag of the year."})


class CalendarOut(Out):
    country = fields.String(required=True, metadata={"example": "CN"})
    years = fields.List(fields.Nested(DecreedYearOut), required=True)
    items = fields.List(fields.Nested(CalendarDayOut), required=True)


class CalendarYearOut(Out):
    country = fields.String(required=True, metadata={"example": "CN"})
    year = fields.Integer(required=True, metadata={"example": 2026})
    decree = fields.String(required=True)
    version = fields.Integer(required=True, metadata={"description": "The ETag."})
    days = fields.List(fields.Nested(CalendarDayOut), required=True)
