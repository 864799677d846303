"""Which days are asked for, and what an answer says of them."""

from datetime import date

from marshmallow import fields

from kit.web import validate
from kit.web.io import Out, QueryIn

# As far as calendars reach, so that what is compared is a date, too.
DAYS = validate.Range(date(2000, 1, 1), date(2099, 12, 31))


def from_day_field() -> fields.Date:
    return fields.Date(
        load_default=None,
        data_key="from",
        validate=DAYS,
        metadata={"description": "First day; the first of the month by default."},
    )


def to_day_field() -> fields.Date:
    return fields.Date(
        load_default=None, data_key="to", validate=DAYS, metadata={"description": "Last day; today by default."}
    )


def currency_field(description: str = "Sums are in one currency: your store's by default.") -> fields.String:
    return fields.String(
        load_default=None,
        validate=validate.Regexp(r"^[A-Z]{3}\Z"),
        metadata={"description": description, "example": "CNY"},
    )


def restated_at_field() -> fields.DateTime:
    description = "When sales of a day that was over last changed, by a late or corrected receipt; null: never."
    return fields.DateTime(required=True, allow_none=True, metadata={"description": description})


class PeriodIn(QueryIn):
    from_day = from_day_field()
    to_day = to_day_field()
    currency = currency_field()


class PeriodOut(Out):
    from_day = fields.Date(required=True, data_key="from")
    to_day = fields.Date(required=True, data_key="to")
    currency = fields.String(required=True)
