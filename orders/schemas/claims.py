"""What the routes of claims take and give."""

from marshmallow import fields

from kit.web import validate
from kit.web.io import In, Out, paged, text_field
from kit.web.paging import PageIn

STATES = ("open", "accepted", "rejected")


class ClaimIn(In):
    evidence = text_field(2000, required=True, metadata={"description": "Why the sale is mine; no names of customers."})
    share_bp = fields.Integer(
        load_default=10_000,
        strict=True,
        validate=validate.Range(1, 10_000),
        metadata={"description": "What of it: the others keep the rest."},
    )


class ClaimsIn(PageIn):
    state = fields.String(load_default=None, validate=validate.OneOf(STATES))
    store_id = fields.UUID(load_default=None)


class ClaimDecisionIn(In):
    accept = fields.Boolean(required=True)
    explanation = text_field(500, required=True, metadata={"description": "Why; the guide reads it."})


class ClaimOut(Out):
    """That a guide says a sale was theirs, and what was decided."""

    id = fields.UUID(required=True)
    line_id = fields.UUID(required=True)
    order_id = fields.UUID(required=True)
    order_external_id = fields.String(required=True)
    business_day = fields.Date(required=True, metadata={"description": "Of the order."})
    product_title = fields.String(required=True)
    store_id = fields.UUID(required=True)
    store_name = fields.String(required=True)
    guide_id = fields.UUID(required=True, metadata={"description": "Who claims it."})
    guide_name = fields.String(required=True)
    share_bp = fields.Integer(required=True)
    evidence = fields.String(required=True)
    created_at = fields.DateTime(required=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    explanation = fields.String(required=True, allow_none=True)
    decided_by = fields.UUID(required=True, allow_none=True)
    decided_by_name = fields.String(required=True, allow_none=True)
    decided_at = fields.DateTime(required=True, allow_none=True)


ClaimPageOut = paged(ClaimOut)
