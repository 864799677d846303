"""What figures are asked for, and how they are answered: the fields are made from their declarations."""

from typing import Any

from marshmallow import fields, validates_schema

from kit.web import validate
from kit.web.io import MoneyOut, Out, money_field, paged
from kit.web.paging import PageIn
from kit.web.validate import unfit
from kit.words import say
from performance.queries import DECLARED, FACTS, READINGS
from performance.rules.comparing import COMPARISONS
from performance.rules.metrics import Figure, Reading
from performance.rules.ratios import DERIVED, RATIOS
from performance.schemas.periods import (
    DAYS,
    PeriodIn,
    PeriodOut,
    currency_field,
    from_day_field,
    restated_at_field,
    to_day_field,
)
from staff.schemas.sign_in import PersonOut
from targets.schemas import PairOut, metric_field


def _field_of(figure: Figure | Reading) -> "fields.Field[Any]":
    said = figure.means.en[:1].upper() + figure.means.en[1:] + "."
    if figure.unit == "money":
        return money_field(said)
    return fields.Integer(required=True, metadata={"description": said})


class RatioOut(Out):
    """A sum divided by another; `amount` of money, else `value_bp`, in ten-thousandths; null where nothing divides."""

    numerator = fields.Integer(required=True, metadata={"example": 29_900})
    denominator = fields.Integer(required=True, metadata={"example": 20_000})
    amount = fields.Nested(MoneyOut, required=True, allow_none=True)
    value_bp = fields.Integer(required=True, allow_none=True)


FiguresOut = Out.from_dict({figure.name: _field_of(figure) for figure in DECLARED}, name="FiguresOut")
ReadingsOut = Out.from_dict({reading.name: _field_of(reading) for reading in (*DERIVED, *READINGS)}, name="ReadingsOut")
_OF_DAYS = {figure.name for figure in DECLARED} | {reading.name for reading in DERIVED}


def _ratio_field(ratio: Any) -> "fields.Field[Any]":
    said = f"{ratio.label.en}: {ratio.numerator} ÷ {ratio.denominator}."
    return fields.Nested(RatioOut, required=True, metadata={"description": said})


RatiosOut = Out.from_dict({ratio.name: _ratio_field(ratio) for ratio in RATIOS}, name="RatiosOut")
DayRatiosOut = Out.from_dict(
    {ratio.name: _ratio_field(ratio) for ratio in RATIOS if {ratio.numerator, ratio.denominator} <= _OF_DAYS},
    name="DayRatiosOut",
)


class GuideFiguresIn(PageIn):
    from_day = from_day_field()
    to_day = to_day_field()
    currency = currency_field("Sums in this currency only; by default every row is in its own.")
    store_id = fields.UUID(load_default=None)


class DayFiguresOut(FiguresOut):  # type: ignore[misc, valid-type]
    day = fields.Date(required=True)
    live = fields.Boolean(required=True, metadata={"description": "Counted now, not computed by a job."})


class MyPerformanceOut(PeriodOut):
    restated_at = restated_at_field()
    days = fields.List(fields.Nested(DayFiguresOut), required=True)
    total = fields.Nested(FiguresOut, required=True)
    ratios = fields.Nested(DayRatiosOut, required=True, metadata={"description": "Of the total."})


class GuideFiguresOut(FiguresOut):  # type: ignore[misc, valid-type]
    """One guide's figures in one currency: of the stores that have it."""

    guide = fields.Nested(PersonOut, required=True)


GuideFiguresPageOut = paged(GuideFiguresOut)


class GuideFiguresListOut(PeriodOut, GuideFiguresPageOut):  # type: ignore[misc, valid-type]
    currency = fields.String(
        required=True, allow_none=True, metadata={"description": "The one asked for; null: every row in its own."}
    )
    uncredited = fields.List(
        fields.Nested(FiguresOut),
        required=True,
        metadata={"description": "By currency, what nobody gets credit for; the same on every page."},
    )
    computed_at = fields.DateTime(required=True, allow_none=True)
    restated_at = restated_at_field()


class PerformanceIn(PeriodIn):
    compare = fields.String(
        load_default=None,
        validate=validate.OneOf(COMPARISONS),
        metadata={"description": "With the days before, a year ago, the same weekdays (-364 days) or festival."},
    )


class RegionPerformanceIn(PerformanceIn):
    like_for_like = fields.Boolean(
        load_default=False, metadata={"description": "With `compare`: only of stores open in both periods, whole."}
    )

    @validates_schema
    def check_comparison(self, data: dict[str, Any], **_: Any) -> None:
        if data["like_for_like"] and not data["compare"]:
            raise unfit(say("required"), "compare")


class SumsOut(Out):
    total = fields.Nested(FiguresOut, required=True)
    readings = fields.Nested(
        ReadingsOut, required=True, metadata={"description": "Of the whole period: days do not add up to them."}
    )
    ratios = fields.Nested(RatiosOut, required=True)


class ComparedOut(SumsOut):
    kind = fields.String(required=True, validate=validate.OneOf(COMPARISONS))
    from_day = fields.Date(required=True, data_key="from")
    to_day = fields.Date(required=True, data_key="to")


class AimOut(Out):
    """A target of the month of the last day, and where it would end at this pace."""

    metric = metric_field(required=True)
    month = fields.String(required=True, metadata={"example": "2026-12"})
    currency = fields.String(required=True, allow_none=True)
    amount = fields.Integer(required=True)
    achieved = fields.Integer(required=True)
    attainment = fields.Nested(PairOut, required=True, allow_none=True)
    time_progress = fields.Nested(PairOut, required=True)
    ahead_bp = fields.Integer(
        required=True, allow_none=True, metadata={"description": "Attainment less time progress, basis points."}
    )
    run_rate = fields.Integer(
        required=True, allow_none=True, metadata={"description": "At the end of the month, by weights of days."}
    )


class SubjectOut(Out):
    kind = fields.String(required=True, validate=validate.OneOf(("guide", "store", "region")))
    id = fields.UUID(required=True)
    code = fields.String(required=True, metadata={"description": "Staff number, or code."})
    name = fields.String(required=True)


class PerformanceOut(PeriodOut, SumsOut):
    subject = fields.Nested(SubjectOut, required=True)
    counted_stores = fields.Integer(
        required=True, allow_none=True, metadata={"description": "How many stores count; of a guide, null."}
    )
    days = fields.List(fields.Nested(DayFiguresOut), required=True)
    targets = fields.List(fields.Nested(AimOut), required=True)
    comparison = fields.Nested(ComparedOut, required=True, allow_none=True)
    restated_at = restated_at_field()


class OpenedIn(PageIn):
    metric = fields.String(
        required=True,
        validate=validate.OneOf([figure.name for figure in DECLARED]),
        metadata={"description": "A figure of days.", "example": "settled_sales"},
    )
    day = fields.Date(required=True, validate=DAYS)


class OpenedFactOut(Out):
    kind = fields.String(required=True, validate=validate.OneOf([fact.kind for fact in FACTS]))
    id = fields.UUID(required=True, metadata={"description": "Of a receipt, forward, task, follow-up and so on."})
    day = fields.Date(required=True)
    at = fields.DateTime(required=True, allow_none=True)
    guide_id = fields.UUID(required=True, allow_none=True)
    store_id = fields.UUID(required=True)
    currency = fields.String(required=True)
    value = fields.Integer(required=True, metadata={"description": "What it adds, in the unit of the figure."})


OpenedPageOut = paged(OpenedFactOut)
