"""What the route of receipts that one misses takes and gives."""

from marshmallow import fields

from commissions.rules.missing import WHYS
from commissions.schemas.plans import TrialOut
from kit.web import validate
from kit.web.io import Out, QueryIn, money_field
from orders.schemas import OUTCOMES, SellerOut


class WhyNotIn(QueryIn):
    receipt = fields.String(
        required=True,
        validate=validate.Length(1, 128),
        metadata={"description": "The receipt's number, as it is printed.", "example": "T-20261121-0001"},
    )


class PlanTriedOut(Out):
    """A plan that was in force, with each of its rules tried on the line."""

    plan_code = fields.String(required=True)
    plan_version = fields.Integer(required=True)
    excluded = fields.String(
        required=True, allow_none=True, metadata={"description": "What the plan leaves it out as.", "example": None}
    )
    rules = fields.List(fields.Nested(TrialOut), required=True)


class LineWhyOut(Out):
    """A line, and why it pays me or not."""

    order_line_id = fields.UUID(required=True)
    sku_code = fields.String(required=True)
    product_title = fields.String(required=True, allow_none=True)
    why = fields.String(
        required=True,
        validate=validate.OneOf(WHYS),
        metadata={
            "description": "`waiting_for_closing`: a rule fits that is paid when the period is closed; `pays_nothing`: "
            "a rule fits, and pays nothing for it."
        },
    )
    attribution = fields.String(
        required=True, validate=validate.OneOf(OUTCOMES), metadata={"description": "How it was attributed."}
    )
    sellers = fields.List(fields.Nested(SellerOut), required=True, metadata={"description": "Whom it counts for."})
    posted = money_field("Posted to me for it, in all; null: nothing ever was.", allow_none=True)
    plans = fields.List(
        fields.Nested(PlanTriedOut),
        required=True,
        metadata={"description": "Where credit is mine and nothing was posted: the plans tried.", "example": []},
    )


class ReceiptWhyOut(Out):
    """A sale of this number; sources number theirs each for itself."""

    order_id = fields.UUID(required=True)
    source = fields.String(required=True)
    store_id = fields.UUID(required=True)
    store_code = fields.String(required=True)
    ordered_at = fields.DateTime(required=True)
    lines = fields.List(fields.Nested(LineWhyOut), required=True)


class RejectedReceiptOut(Out):
    """A sale of this number that was sent and not taken."""

    source = fields.String(required=True)
    external_id = fields.String(required=True)
    store_id = fields.UUID(required=True, allow_none=True)
    store_code = fields.String(required=True, allow_none=True)
    code = fields.String(required=True, metadata={"example": "unknown_guide"})
    detail = fields.String(required=True)
    last_at = fields.DateTime(required=True)


class WhyNotOut(Out):
    """What became of a receipt in the stores in sight."""

    receipt = fields.String(required=True)
    arrived = fields.Boolean(required=True, metadata={"description": "False: no source has sent it yet."})
    receipts = fields.List(fields.Nested(ReceiptWhyOut), required=True)
    rejected = fields.List(fields.Nested(RejectedReceiptOut), required=True)
