"""What the measures take and give."""

from typing import Any

from marshmallow import fields, validates_schema

from kit.web.io import Out, QueryIn
from kit.web.validate import unfit
from kit.words import say

MAX_DAYS = 366


class MeasuresIn(QueryIn):
    from_day = fields.Date(required=True, data_key="from", metadata={"description": "First business day."})
    to_day = fields.Date(required=True, data_key="to", metadata={"description": "Last business day."})
    store_id = fields.UUID(load_default=None)
    guide_id = fields.UUID(load_default=None)

    @validates_schema
    def check_period(self, data: dict[str, Any], **_: Any) -> None:
        days = (data["to_day"] - data["from_day"]).days
        if not 0 <= days < MAX_DAYS:
            raise unfit(say("period_too_long", days=MAX_DAYS), "to")


class ShareOut(Out):
    """`count` of the `of` customers of whom it can be said already."""

    count = fields.Integer(required=True)
    of = fields.Integer(required=True)
    rate_bp = fields.Integer(
        required=True, allow_none=True, metadata={"description": "Basis points; null of nobody.", "example": 6000}
    )


class MeasuresOut(Out):
    profile_completeness = fields.Nested(ShareOut, required=True)
    retention_day_1 = fields.Nested(ShareOut, required=True)
    retention_quarter = fields.Nested(ShareOut, required=True)
    repurchase_3_months = fields.Nested(ShareOut, required=True)
    repurchase_6_months = fields.Nested(ShareOut, required=True)
    repurchase_12_months = fields.Nested(ShareOut, required=True)
