"""What the routes of pay periods take and give."""

from datetime import date
from typing import Any

from marshmallow import fields, validates_schema

from commissions.rules.closing import CAUSES
from commissions.schemas.plans import QuestionOut
from kit.web import validate
from kit.web.io import In, Out, money_field, paged
from kit.web.validate import unfit
from kit.words import say
from models.commissions_periods import PERIOD_STATES

DAYS = validate.Range(date(2000, 1, 1), date(2199, 12, 31))
MOST_DAYS = 366


class PayPeriodIn(In):
    first_day = fields.Date(required=True, validate=DAYS, metadata={"example": "2026-12-26"})
    last_day = fields.Date(required=True, validate=DAYS, metadata={"example": "2027-01-25"})

    @validates_schema
    def check_days(self, data: dict[str, Any], **_: Any) -> None:
        if not 0 <= (data["last_day"] - data["first_day"]).days < MOST_DAYS:
            raise unfit(say("bad_period", days=MOST_DAYS), "last_day")


class PayPeriodOut(Out):
    """Business days whose pay is closed, reviewed and approved together."""

    id = fields.UUID(required=True)
    group = fields.String(required=True, metadata={"description": "The stores; `chain`: those of no other group."})
    first_day = fields.Date(required=True)
    last_day = fields.Date(required=True)
    state = fields.String(required=True, validate=validate.OneOf(PERIOD_STATES))
    closed_by = fields.UUID(required=True, allow_none=True)
    closed_at = fields.DateTime(required=True, allow_none=True)
    approved_by = fields.UUID(required=True, allow_none=True)
    approved_at = fields.DateTime(required=True, allow_none=True)


PayPeriodPageOut = paged(PayPeriodOut)


class ProjectedAmountOut(Out):
    """What somebody would get by a rule of the period."""

    rule = fields.String(
        required=True, allow_none=True, metadata={"description": "Null: what is over the plan's own limit."}
    )
    cause = fields.String(required=True, validate=validate.OneOf(CAUSES))
    guide_id = fields.UUID(required=True, allow_none=True, metadata={"description": "Null: the pool of the store."})
    store_id = fields.UUID(required=True)
    amount = money_field("In all, of all lines.")


class ProjectedOut(Out):
    """A period of a plan that ends in the pay period."""

    plan_version_id = fields.UUID(required=True)
    first_day = fields.Date(required=True)
    last_day = fields.Date(required=True)
    amounts = fields.List(fields.Nested(ProjectedAmountOut), required=True)
    questions = fields.List(
        fields.Nested(QuestionOut), required=True, metadata={"description": "What somebody has to answer first."}
    )


class ProjectionOut(Out):
    """What closing would post, beside what is posted with each sale; none of it is in an account yet."""

    items = fields.List(fields.Nested(ProjectedOut), required=True)
