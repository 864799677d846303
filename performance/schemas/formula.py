"""How the revenue formula is asked for and answered."""

from typing import Any

from marshmallow import fields, validates_schema

from kit.web import validate
from kit.web.io import MoneyOut, Out
from kit.web.validate import unfit
from kit.words import say
from performance.rules.comparing import COMPARISONS
from performance.rules.formula import FIRST, RATES
from performance.schemas.figures import SubjectOut
from performance.schemas.metrics import WordsOut
from performance.schemas.periods import PeriodIn, PeriodOut

SUBJECTS = ("guide_id", "store_id", "region_id")


class FormulaIn(PeriodIn):
    guide_id = fields.UUID(load_default=None, metadata={"description": "Of a guide: yourself by default."})
    store_id = fields.UUID(load_default=None, metadata={"description": "Of a store instead, for managers."})
    region_id = fields.UUID(load_default=None, metadata={"description": "Of a region instead, for managers."})
    compare = fields.String(
        load_default="previous",
        validate=validate.OneOf(COMPARISONS),
        metadata={"description": "The earlier period: the days before, a year ago, -364 days, or the same festival."},
    )

    @validates_schema
    def check_subject(self, data: dict[str, Any], **_: Any) -> None:
        named = [name for name in SUBJECTS if data[name]]
        if len(named) > 1:
            raise unfit(say("exactly_one", names=SUBJECTS), named[-1])


class FactorValueOut(Out):
    """A factor in a period: `count` or `amount` of a sum; of a rate both sums, and `amount` or `value_bp`."""

    numerator = fields.Integer(required=True)
    denominator = fields.Integer(required=True, allow_none=True)
    count = fields.Integer(required=True, allow_none=True)
    amount = fields.Nested(MoneyOut, required=True, allow_none=True)
    value_bp = fields.Integer(required=True, allow_none=True)


class FactorOut(Out):
    factor = fields.String(required=True, validate=validate.OneOf([one.name for one in (*FIRST, *RATES)]))
    label = fields.Nested(WordsOut, required=True)
    now = fields.Nested(FactorValueOut, required=True)
    before = fields.Nested(FactorValueOut, required=True)
    part = fields.Nested(MoneyOut, required=True, metadata={"description": "What it adds to the change."})


class FormulaOut(PeriodOut):
    subject = fields.Nested(SubjectOut, required=True)
    kind = fields.String(required=True, validate=validate.OneOf(COMPARISONS))
    before_from = fields.Date(required=True)
    before_to = fields.Date(required=True)
    visitors_are = fields.String(
        required=True,
        validate=validate.OneOf(("viewers",)),
        metadata={"description": "Who counts as a visitor: viewers of shared pages, since nobody counts footfall."},
    )
    net_sales = fields.Nested(MoneyOut, required=True)
    net_sales_before = fields.Nested(MoneyOut, required=True)
    change = fields.Nested(MoneyOut, required=True, metadata={"description": "The sum of the parts."})
    factors = fields.List(
        fields.Nested(FactorOut),
        required=True,
        metadata={"description": "Multiplied they are the net sales; those after the last sum that is 0."},
    )
