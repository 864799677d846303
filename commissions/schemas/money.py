"""What the routes of earnings take and give."""

from datetime import date

from marshmallow import Schema, fields

from commissions.rules.closing import CAUSES as PERIOD_CAUSES
from commissions.rules.language.model import RULE_KINDS
from kit.web import validate
from kit.web.io import Out, QueryIn, money_field, paged
from kit.web.paging import PageIn
from models.commissions import CAUSES, LATE_CLASSIFICATION
from orders.schemas import OUTCOMES, SellerOut

DAYS = validate.Range(date(2000, 1, 1), date(2199, 12, 31))


class RuleOut(Out):
    """The rule of the plan that an entry was posted by."""

    kind = fields.String(required=True, validate=validate.OneOf(RULE_KINDS))
    name = fields.String(required=True)
    match = fields.Dict(
        keys=fields.String(),
        required=True,
        allow_none=True,
        metadata={"description": "What a line must be, as in the plan; null: the rule pays by no line."},
    )


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
    pending = money_field("Of the net, what was earned since `pending_from`: goods may still come back.")
    matured = money_field("Of the net, what was earned before it.")
    at_risk = money_field("Of what is pending, what belongs to goods that may come back.")


class DayOut(AmountsOut):
    day = fields.Date(required=True, metadata={"description": "Business day of the entries."})


class CurrentOut(Out):
    """What was earned until now, whatever days are asked for."""

    today = money_field("Net of today's business day.")
    month = money_field("Net of this calendar month.")


class ProjectedPayOut(Out):
    """What closing an open period would post by a rule; it is in no account, and changes with every sale."""

    period_id = fields.UUID(required=True)
    period_first_day = fields.Date(required=True)
    period_ends = fields.Date(required=True, metadata={"description": "Last day of the plan's own period."})
    plan_code = fields.String(required=True)
    plan_version = fields.Integer(required=True)
    rule = fields.String(
        required=True, allow_none=True, metadata={"description": "Null: what is over the plan's own limit."}
    )
    rule_no = fields.Integer(required=True, metadata={"description": "Position in the version, from 1; 0: its limit."})
    cause = fields.String(required=True, validate=validate.OneOf(PERIOD_CAUSES))
    amount = money_field("In all, of the guides asked for.")
    counted_at = fields.DateTime(required=True)


class SummaryOut(Out):
    """One total per currency, and the business days that have entries."""

    first = fields.Date(required=True, data_key="from")
    last = fields.Date(required=True, data_key="to")
    pending_from = fields.Date(required=True, metadata={"description": "First business day in the return window."})
    totals = fields.List(fields.Nested(TotalOut), required=True)
    current = fields.List(
        fields.Nested(CurrentOut), required=True, metadata={"description": "One per currency with entries."}
    )
    days = fields.List(fields.Nested(DayOut), required=True)
    projected = fields.List(
        fields.Nested(ProjectedPayOut),
        required=True,
        metadata={"description": "Of tables, pools, contests and guarantees of every open period, counted hourly."},
    )


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
    guide_id = fields.UUID(required=True, allow_none=True, metadata={"description": "Null: the pool of the store."})
    store_id = fields.UUID(required=True, metadata={"description": "Where it was earned, or whose pool it is."})
    at = fields.DateTime(required=True, allow_none=True, metadata={"description": "When it was ordered or refunded."})
    day = fields.Date(
        required=True,
        metadata={
            "description": "The entry's business day: of the sale or the refund, or the first one that was still open."
        },
    )
    posted_at = fields.DateTime(required=True)
    cause = fields.String(
        required=True,
        validate=validate.OneOf(CAUSES),
        metadata={"description": "What posted it: an order, or the closing of a period."},
    )
    net = money_field("The line's net that is owed for after this entry.", allow_none=True)
    rate_bp = fields.Integer(
        required=True, allow_none=True, metadata={"description": "Null: the rule pays no one rate of net."}
    )
    rule = fields.Nested(RuleOut, required=True, allow_none=True)
    rule_no = fields.Integer(
        required=True, allow_none=True, metadata={"description": "Position in the version, from 1."}
    )
    plan_code = fields.String(required=True, allow_none=True)
    plan_version = fields.Integer(required=True, allow_none=True)
    plan_version_id = fields.UUID(required=True, allow_none=True)
    order_id = fields.UUID(
        required=True, allow_none=True, metadata={"description": "Null: of a refund whose order is not known."}
    )
    order_external_id = fields.String(required=True, allow_none=True)
    refund_id = fields.UUID(
        required=True, allow_none=True, metadata={"description": "The refund that took it back; null: none did."}
    )
    because_order_id = fields.UUID(
        required=True,
        allow_none=True,
        metadata={"description": "The receipt or refund that had the period closed anew; null: nothing had."},
    )
    order_revision = fields.Integer(required=True, allow_none=True)
    order_line_id = fields.UUID(
        required=True,
        allow_none=True,
        metadata={"description": "See `/v1/order-lines/{id}/attribution`; null: it belongs to no line."},
    )
    sku_code = fields.String(required=True, allow_none=True)
    product_title = fields.String(required=True, allow_none=True)
    attribution = fields.String(
        required=True,
        allow_none=True,
        validate=validate.OneOf(OUTCOMES),
        metadata={"description": "How the line was attributed when it was posted."},
    )
    decision_id = fields.UUID(
        required=True, allow_none=True, metadata={"description": "The decision on the line that it was posted by."}
    )
    sellers = fields.List(
        fields.Nested(SellerOut), required=True, metadata={"description": "Whom the sale counted for then."}
    )


EntryPageOut = paged(EntryOut)
