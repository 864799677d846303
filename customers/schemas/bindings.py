"""Whose customers are: bindings, transfers, the binding policy, a guide's code."""

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from kit.web.io import In, Out, paged, text_field
from kit.web.paging import PageIn

TRANSFER_STATES = ("waiting", "done", "refused", "lapsed")
MAX_CODE = 200


class BindingIn(In):
    """Who is to be the guide: `guide_id`, or the `guide_code` that the customer scanned; a guide: neither is me."""

    customer_id = fields.UUID(required=True)
    guide_id = fields.UUID(load_default=None)
    guide_code = text_field(MAX_CODE, load_default=None)

    @validates_schema
    def check_one(self, data: dict[str, Any], **_: Any) -> None:
        if data.get("guide_id") and data.get("guide_code"):
            raise ValidationError("Either guide_id or guide_code.", "guide_id")


class BindingOut(Out):
    """That a customer was a guide's own, from `bound_at` until `ended_at`."""

    id = fields.UUID(required=True)
    customer_id = fields.UUID(required=True)
    guide_id = fields.UUID(required=True)
    guide_name = fields.String(required=True)
    store_id = fields.UUID(required=True)
    reason = fields.String(required=True, metadata={"description": "How it came about.", "example": "guide_code"})
    reference_id = fields.UUID(
        required=True, allow_none=True, metadata={"description": "Through which forward, order or transfer."}
    )
    bound_by = fields.UUID(required=True, allow_none=True)
    bound_at = fields.DateTime(required=True)
    protected_until = fields.DateTime(
        required=True, allow_none=True, metadata={"description": "Nobody can take the customer over before."}
    )
    ended_at = fields.DateTime(required=True, allow_none=True)
    ended_reason = fields.String(required=True, allow_none=True, metadata={"example": "transfer"})


BindingPageOut = paged(BindingOut)


class GuideCodeOut(Out):
    """What a customer scans to choose this guide."""

    code = fields.String(required=True, metadata={"example": "IjAxOTMwYjZlIg.k3J0"})


class TransferIn(In):
    customer_id = fields.UUID(required=True)
    to_guide_id = fields.UUID(required=True)
    reason = text_field(200, required=True, metadata={"example": "店员调班"})


class TransfersIn(PageIn):
    state = fields.String(load_default=None, validate=validate.OneOf(TRANSFER_STATES))


class TransferOut(Out):
    """A customer on their way from one guide to another, unless they refuse before `effective_at`."""

    id = fields.UUID(required=True)
    customer_id = fields.UUID(required=True)
    from_guide_id = fields.UUID(required=True)
    from_guide_name = fields.String(required=True)
    to_guide_id = fields.UUID(required=True)
    to_guide_name = fields.String(required=True)
    reason = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(TRANSFER_STATES))
    requested_by = fields.UUID(required=True)
    requested_at = fields.DateTime(required=True)
    effective_at = fields.DateTime(required=True)
    over_at = fields.DateTime(required=True, allow_none=True, metadata={"description": "Done, refused or lapsed."})


TransferPageOut = paged(TransferOut)


def _number(most: int, description: str) -> fields.Integer:
    return fields.Integer(
        required=True, strict=True, validate=validate.Range(0, most), metadata={"description": description}
    )


class BindingPolicyIn(In):
    protection_days = _number(3650, "In which no other guide may take a customer over.")
    bind_at_till = fields.Boolean(
        required=True, metadata={"description": "Whether an order makes an unbound customer its serving guide's own."}
    )
    refusal_hours = _number(720, "In which a customer may refuse a transfer; 0: it is done at once.")
    transfer_limit = _number(100, "Transfers of one customer in the window.")
    transfer_window_days = _number(3650, "The window of the limit.")


class BindingPolicyOut(Out):
    protection_days = fields.Integer(required=True)
    bind_at_till = fields.Boolean(required=True)
    refusal_hours = fields.Integer(required=True)
    transfer_limit = fields.Integer(required=True)
    transfer_window_days = fields.Integer(required=True)
    version = fields.Integer(required=True, metadata={"description": "The ETag."})
