"""What the order routes take and give."""

from typing import Any, get_args

from marshmallow import fields

from kit.web import validate
from kit.web.exports import FORMATS
from kit.web.io import In, MoneyOut, Out, money_field, paged
from kit.web.paging import PageIn
from models.credits import CAUSES, CREDIT_ROLES
from models.orders import DOUBTS, LINE_KINDS, RECEIPT_KINDS
from orders.incoming import Bearer, TenderKind
from orders.queries.lists import STATES

KINDS = ("claim", "serving", "share", "bound")
OUTCOMES = (*KINDS, "no_candidate", "none_qualified", "original", "original_unknown")
REFUND_STATES = ("given_back", "original_unknown", "other_currency", "cancelled")
REASONS = (
    "won", "shared", "equal_share", "outranked", "same_guide", "no_human_sign", "window_expired", "touched_later",
    "not_bound", "protected_from", "unconfirmed", "not_employed",
)  # fmt: skip


class SellerOut(Out):
    """Somebody whom a sale counts for."""

    guide_id = fields.UUID(required=True)
    share_bp = fields.Integer(required=True)


def _sellers(description: str) -> Any:
    return fields.List(fields.Nested(SellerOut), required=True, metadata={"description": description})


class CouponOut(Out):
    amount = money_field("What it took off, in the receipt's currency.")
    borne_by = fields.String(required=True, validate=validate.OneOf(get_args(Bearer)))
    name = fields.String(required=True, allow_none=True)


class TenderOut(Out):
    kind = fields.String(required=True, validate=validate.OneOf(get_args(TenderKind)))
    amount = money_field("Paid in this way, in the receipt's currency; negative: given back.")


class RateOut(Out):
    """What the receipt's currency was worth in the store's, by its source: `given` minor units are `worth`."""

    currency = fields.String(required=True, metadata={"example": "HKD"})
    given = fields.Integer(required=True)
    worth = fields.Integer(required=True)


def _told_money(description: str) -> fields.Nested:
    return fields.Nested(MoneyOut, required=True, allow_none=True, metadata={"description": description})


def _doubt() -> fields.String:
    return fields.String(
        required=True,
        allow_none=True,
        validate=validate.OneOf(DOUBTS),
        metadata={"description": "What is doubtful about it: it takes back more than there was, or what was not sold."},
    )


class OrderLineOut(Out):
    id = fields.UUID(required=True)
    line_no = fields.Integer(required=True, metadata={"description": "Of a line with an id, made of that."})
    external_line_id = fields.String(required=True, allow_none=True)
    kind = fields.String(required=True, validate=validate.OneOf(LINE_KINDS))
    sku_code = fields.String(required=True)
    product_title = fields.String(required=True)
    quantity = fields.Integer(required=True)
    weight_milli = fields.Integer(
        required=True, allow_none=True, metadata={"description": "Of what is weighed: thousandths of its unit."}
    )
    paid = money_field("Paid for the line, with tax, its part of a discount on the receipt taken off.")
    net = money_field(
        "What it adds to sales: paid, without tax, for goods and services; negative where it takes something back."
    )
    tag = _told_money("By the price on the tag; null where its source did not say.")
    cost = _told_money("For finance and auditors; null for everybody else, and where its source did not say.")
    coupons = fields.List(fields.Nested(CouponOut), required=True)
    net_sales = money_field("What is left of it after refunds; nothing where it takes back a sale that is known.")
    original_line_id = fields.UUID(
        required=True, allow_none=True, metadata={"description": "The line of a sale that it takes back."}
    )
    doubt = _doubt()
    discount = money_field("What the customer saved.")
    tax = money_field("Tax contained in what was paid.")
    sellers = _sellers("Whom the sale counts for, in basis points; none: nobody.")
    attribution = fields.String(required=True, validate=validate.OneOf(OUTCOMES))


class OrderOut(Out):
    """A receipt as its source last described it."""

    id = fields.UUID(required=True)
    source = fields.String(required=True)
    external_id = fields.String(required=True)
    version = fields.Integer(required=True, metadata={"description": "The source's."})
    revision = fields.Integer(
        required=True,
        metadata={"description": "How often it changed here: by versions taken in, and by late classification."},
    )
    store_id = fields.UUID(required=True)
    store_code = fields.String(required=True)
    store_name = fields.String(required=True)
    customer_id = fields.UUID(required=True, allow_none=True)
    channel = fields.String(required=True)
    ordered_at = fields.DateTime(required=True)
    business_day = fields.Date(required=True)
    changed_at = fields.DateTime(required=True)
    paid = money_field("Paid for everything on it, with tax.")
    net = money_field("Paid for goods and services, without tax.")
    net_sales = money_field("What is left of it after refunds.")
    staff_purchase = fields.Boolean(required=True, metadata={"description": "Bought by somebody of the chain."})
    tenders = fields.List(fields.Nested(TenderOut), required=True)
    coupons = fields.List(fields.Nested(CouponOut), required=True, metadata={"description": "Of its own discount."})
    rate = fields.Nested(
        RateOut, required=True, allow_none=True, metadata={"description": "Where it was in another currency."}
    )
    refund_ids = fields.List(
        fields.UUID(), required=True, metadata={"description": "Refunds that take something back of it."}
    )
    exchange_refund_id = fields.UUID(
        required=True, allow_none=True, metadata={"description": "The refund that it was exchanged for."}
    )
    lines = fields.List(fields.Nested(OrderLineOut), required=True)


class RefundLineOut(Out):
    id = fields.UUID(required=True)
    line_no = fields.Integer(required=True)
    original_line_id = fields.UUID(
        required=True, allow_none=True, metadata={"description": "The line that it takes back, once it is known."}
    )
    kind = fields.String(required=True, validate=validate.OneOf(LINE_KINDS))
    sku_code = fields.String(required=True)
    product_title = fields.String(required=True)
    doubt = _doubt()
    quantity = fields.Integer(required=True, metadata={"description": "Pieces that came back."})
    refunded = money_field("Given back for the line, without tax.")
    tax = money_field("Tax contained in what was given back.")
    sellers = _sellers("Whose credit it lessens, in basis points; none: nobody's.")
    attribution = fields.String(required=True, validate=validate.OneOf(OUTCOMES))


class RefundOut(Out):
    """A refund as its source last described it, and what it comes to with all others of its order."""

    id = fields.UUID(required=True)
    source = fields.String(required=True)
    external_id = fields.String(required=True)
    version = fields.Integer(required=True, metadata={"description": "The source's."})
    revision = fields.Integer(required=True, metadata={"description": "How often it changed here."})
    state = fields.String(required=True, validate=validate.OneOf(REFUND_STATES))
    store_id = fields.UUID(required=True)
    store_code = fields.String(required=True)
    store_name = fields.String(required=True)
    order_id = fields.UUID(
        required=True, allow_none=True, metadata={"description": "The order that it takes back, once that arrived."}
    )
    order_external_id = fields.String(required=True, allow_none=True)
    exchange_order_id = fields.UUID(
        required=True, allow_none=True, metadata={"description": "The order that was given in exchange."}
    )
    refunded_at = fields.DateTime(required=True)
    business_day = fields.Date(required=True)
    changed_at = fields.DateTime(required=True)
    reason = fields.String(required=True, allow_none=True)
    refunded = money_field("Given back, without tax.")
    fee = money_field("Kept by the shop.")
    doubtful = fields.Boolean(required=True, metadata={"description": "Whether one of its lines has a `doubt`."})
    lines = fields.List(fields.Nested(RefundLineOut), required=True)


class CandidateOut(Out):
    """A guide with a claim to the line, and what became of it; of several who sold it, the shares tell their parts."""

    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    guide_id = fields.UUID(required=True)
    guide_name = fields.String(required=True)
    at = fields.DateTime(required=True, metadata={"description": "When served, last touched, or bound."})
    share_bp = fields.Integer(required=True, allow_none=True)
    reason = fields.String(required=True, validate=validate.OneOf(REASONS))
    detail = fields.String(required=True, metadata={"description": "The reason, for people."})


class CreditOut(Out):
    """What a guide or a store is credited with in a role; the shares of a role sum to 10,000."""

    role = fields.String(required=True, validate=validate.OneOf(CREDIT_ROLES))
    kind = fields.String(required=True, validate=validate.OneOf(("guide", "store")))
    id = fields.UUID(required=True)
    name = fields.String(required=True)
    share_bp = fields.Integer(required=True)


class DecisionOut(Out):
    """Who was credited from a revision of the order on, by which claim, and why every other candidate was not."""

    decision_id = fields.UUID(required=True)
    revision = fields.Integer(required=True, metadata={"description": "The order's, when it was decided."})
    policy_version = fields.Integer(required=True)
    cause = fields.String(
        required=True, validate=validate.OneOf(CAUSES), metadata={"description": "Why it was decided then."}
    )
    reason = fields.String(required=True, validate=validate.OneOf(OUTCOMES))
    detail = fields.String(required=True, metadata={"description": "The reason, for people."})
    decided_at = fields.DateTime(required=True)
    credits = fields.List(
        fields.Nested(CreditOut), required=True, metadata={"description": "`seller`: whom the sale counts for."}
    )
    candidates = fields.List(fields.Nested(CandidateOut), required=True)


class AttributionOut(DecisionOut):
    """The decision that holds for a line, and those before it."""

    line_id = fields.UUID(required=True)
    order_id = fields.UUID(required=True)
    before = fields.List(
        fields.Nested(DecisionOut), required=True, metadata={"description": "Earlier decisions, the newest first."}
    )


class OrderListIn(PageIn):
    kind = fields.String(load_default="sale", validate=validate.OneOf(RECEIPT_KINDS))
    store_id = fields.UUID(load_default=None)
    guide_id = fields.UUID(load_default=None, metadata={"description": "To whom a line of it is credited."})
    customer_id = fields.UUID(load_default=None)
    source = fields.String(load_default=None, validate=validate.Length(max=64))
    channel = fields.String(load_default=None, validate=validate.Length(max=64), metadata={"example": "store"})
    state = fields.String(
        load_default=None,
        validate=validate.OneOf(STATES),
        metadata={"description": "How much of it was taken back; `nothing`: it adds nothing to sales."},
    )
    external_id = fields.String(load_default=None, validate=validate.Length(max=128))
    from_day = fields.Date(load_default=None, data_key="from", metadata={"description": "First business day."})
    to_day = fields.Date(load_default=None, data_key="to", metadata={"description": "Last business day."})
    format = fields.String(load_default="json", validate=validate.OneOf(FORMATS))


class OrderRowOut(Out):
    """An order, or a refund, in a list."""

    id = fields.UUID(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(RECEIPT_KINDS))
    source = fields.String(required=True)
    external_id = fields.String(required=True)
    store_id = fields.UUID(required=True)
    store_code = fields.String(required=True)
    store_name = fields.String(required=True)
    customer_id = fields.UUID(required=True, allow_none=True)
    channel = fields.String(required=True, metadata={"example": "store"})
    ordered_at = fields.DateTime(required=True)
    business_day = fields.Date(required=True)
    staff_purchase = fields.Boolean(required=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    net = money_field("What it adds to sales on its day; negative of a refund.")
    net_sales = money_field("What is left of that after refunds.")


OrderPageOut = paged(OrderRowOut)


class OrderRejectsIn(PageIn):
    kind = fields.String(load_default=None, validate=validate.OneOf(RECEIPT_KINDS))
    code = fields.String(
        load_default=None, validate=validate.Length(max=64), metadata={"description": "Why it was rejected."}
    )


class OrderRejectOut(Out):
    """An order or refund that was not taken, the newest that its source sent."""

    id = fields.UUID(required=True, metadata={"description": "Another one once other content is sent."})
    source = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(RECEIPT_KINDS))
    external_id = fields.String(required=True, allow_none=True, metadata={"description": "As far as it can be read."})
    version = fields.Integer(required=True, allow_none=True)
    store_id = fields.UUID(required=True, allow_none=True)
    store_code = fields.String(required=True, allow_none=True)
    code = fields.String(required=True, metadata={"example": "unknown_guide"})
    detail = fields.String(required=True)
    whole = fields.Boolean(required=True, metadata={"description": "False of one too long to be kept: 256 KiB are."})
    times = fields.Integer(required=True, metadata={"description": "How often it was sent in vain."})
    first_at = fields.DateTime(required=True)
    last_at = fields.DateTime(required=True)


class OrderRejectWholeOut(OrderRejectOut):
    """The same, with what was sent."""

    item = fields.String(required=True, metadata={"description": "JSON, as far as it is that."})


class ReplayIn(In):
    item = fields.Dict(
        load_default=None,
        metadata={"description": "The order or refund, whole, as an item of a batch; by default as it was sent."},
    )


class OrderSettingsIn(In):
    channels = fields.List(
        fields.String(validate=validate.Length(1, 64)),
        required=True,
        validate=validate.Length(max=200),
        metadata={"description": "What orders may name as their channel; none: anything.", "example": ["pos"]},
    )
    foreign_currency = fields.Boolean(
        required=True, metadata={"description": "Whether receipts may be in another currency than their store's."}
    )


class OrderSettingsOut(Out):
    channels = fields.List(fields.String(), required=True, metadata={"example": ["pos"]})
    foreign_currency = fields.Boolean(required=True)
    version = fields.Integer(required=True, metadata={"description": "The ETag."})


OrderRejectPageOut = paged(OrderRejectOut)
