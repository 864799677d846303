"""What the order routes give."""

from typing import Any

from marshmallow import fields

from kit.web import validate
from kit.web.io import In, Out, money_field, paged
from kit.web.paging import PageIn
from models.credits import CAUSES, CREDIT_ROLES

RECEIPT_KINDS = ("sale", "refund")
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


class OrderLineOut(Out):
    id = fields.UUID(required=True)
    line_no = fields.Integer(required=True)
    sku_code = fields.String(required=True)
    product_title = fields.String(required=True)
    quantity = fields.Integer(required=True)
    net = money_field("Paid for the line, without tax; negative where it takes something back.")
    net_sales = money_field("What is left of it after refunds; nothing where it takes back a sale that is known.")
    original_line_id = fields.UUID(
        required=True, allow_none=True, metadata={"description": "The line of a sale that it takes back."}
    )
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
    net = money_field("Paid, without tax.")
    net_sales = money_field("What is left of it after refunds.")
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
    sku_code = fields.String(required=True)
    product_title = fields.String(required=True)
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


OrderRejectPageOut = paged(OrderRejectOut)
