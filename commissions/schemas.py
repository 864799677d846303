"""What the commission routes take and give."""

from datetime import date

from marshmallow import Schema, fields

from kit.web import validate
from kit.web.io import In, Out, QueryIn, money_field, paged, text_field
from kit.web.paging import PageIn
from models.commissions import LATE_CLASSIFICATION
from orders.schemas import OUTCOMES

MAX_RULES = 200
DAYS = validate.Range(date(2000, 1, 1), date(2199, 12, 31))


def _matcher(max_length: int, description: str) -> fields.String:
    return text_field(max_length, load_default=None, allow_none=True, metadata={"description": description})


class RuleIn(In):
    """What a rule does not name fits everything."""

    brand = _matcher(200, "The brand's name.")
    category = _matcher(500, "A category's path; also fits every category below it.")
    sku = _matcher(128, "The SKU's code.")
    channel = _matcher(64, "The selling channel.")
    rate_bp = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(0, 10_000),
        metadata={"description": "Basis points of the line's net, to the attributed guide."},
    )


class PlanIn(In):
    code = text_field(64, required=True, metadata={"example": "base-2026"})
    name = text_field(200, required=True, metadata={"example": "2026 基础提成"})


class PlanVersionIn(In):
    rules = fields.List(
        fields.Nested(RuleIn),
        required=True,
        validate=validate.Length(1, MAX_RULES),
        metadata={"description": "In order; the first that fits a line decides."},
    )
    effective_from = fields.AwareDateTime(
        required=True, metadata={"description": "Orders from then on; earlier approved versions end there."}
    )


class RuleOut(Out):
    brand = fields.String(allow_none=True)
    category = fields.String(allow_none=True)
    sku = fields.String(allow_none=True)
    channel = fields.String(allow_none=True)
    rate_bp = fields.Integer(required=True)


class PlanVersionOut(Out):
    """A version; approved, it never changes."""

    id = fields.UUID(required=True)
    plan_id = fields.UUID(required=True)
    number = fields.Integer(required=True)
    rules = fields.List(fields.Nested(RuleOut), required=True)
    effective_from = fields.DateTime(required=True)
    created_by = fields.UUID(required=True)
    approved_by = fields.UUID(required=True, allow_none=True)
    approved_at = fields.DateTime(required=True, allow_none=True)


class PlanOut(Out):
    id = fields.UUID(required=True)
    code = fields.String(required=True)
    name = fields.String(required=True)
    versions = fields.List(fields.Nested(PlanVersionOut), required=True)


PlanPageOut = paged(PlanOut)


class SelectionIn(Schema):
    """Of everybody within my sight by default (a guide's: mine); of one guide or of a store's guides in it."""

    first = fields.Date(
        data_key="from",
        load_default=None,
        validate=DAYS,
        metadata={"description": "First business day; 29 days before `to`."},
    )
    last = fields.Date(
        data_key="to", load_default=None, validate=DAYS, metadata={"description": "Last business day; today."}
    )
    guide_id = fields.UUID(load_default=None)
    store_id = fields.UUID(load_default=None, metadata={"description": "The guides' home store."})


class SummaryIn(SelectionIn, QueryIn):
    pass


class EntriesIn(SelectionIn, PageIn):
    pass


class AmountsOut(Out):
    accrued = money_field("Posted to guides.")
    reversed = money_field("Taken back: returned goods, corrected receipts, credit that went to somebody else.")
    net = money_field("Accrued less reversed.")


class TotalOut(AmountsOut):
    pending = money_field("Not on a statement yet.")


class DayOut(AmountsOut):
    day = fields.Date(required=True, metadata={"description": "Business day of the orders."})


class SummaryOut(Out):
    """One total per currency, and the business days that have entries."""

    first = fields.Date(required=True, data_key="from")
    last = fields.Date(required=True, data_key="to")
    totals = fields.List(fields.Nested(TotalOut), required=True)
    days = fields.List(fields.Nested(DayOut), required=True)


class EntryOut(Out):
    """A posting with all that explains it: order line, plan version, rule, rate, net, attribution."""

    id = fields.Integer(required=True)
    transaction_id = fields.UUID(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(("accrual", "reversal")))
    reason = fields.String(
        required=True,
        allow_none=True,
        validate=validate.OneOf((LATE_CLASSIFICATION,)),
        metadata={"description": "The line's SKU became known only after it was posted; null: all else."},
    )
    amount = money_field("What the guide gets; negative for a reversal.")
    guide_id = fields.UUID(required=True)
    at = fields.DateTime(required=True, metadata={"description": "When it was ordered."})
    day = fields.Date(required=True, metadata={"description": "Business day of the order."})
    posted_at = fields.DateTime(required=True)
    net = money_field("The line's net that the guide is owed for after this entry.")
    rate_bp = fields.Integer(required=True)
    rule = fields.Nested(RuleOut, required=True)
    rule_no = fields.Integer(required=True, metadata={"description": "Position in the version, from 1."})
    plan_code = fields.String(required=True)
    plan_version = fields.Integer(required=True)
    plan_version_id = fields.UUID(required=True)
    order_id = fields.UUID(required=True)
    order_external_id = fields.String(required=True)
    order_revision = fields.Integer(required=True)
    order_line_id = fields.UUID(required=True, metadata={"description": "See `/v1/order-lines/{id}/attribution`."})
    sku_code = fields.String(required=True)
    product_title = fields.String(required=True)
    attribution = fields.String(
        required=True, validate=validate.OneOf(OUTCOMES), metadata={"description": "How the line is attributed now."}
    )
    attributed_guide_id = fields.UUID(required=True, allow_none=True)


EntryPageOut = paged(EntryOut)
