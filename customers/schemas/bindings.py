"""Whose customers are: bindings, transfers, the binding policy, a guide's code."""

from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from customers.rules.bindings import CONFIRMATIONS, ENDS, REASONS, WINNING
from kit.broken_codes import find_damage
from kit.codes import MAX_CODE as MAX_STAFF_NO
from kit.codes import is_code
from kit.web import validate
from kit.web.io import In, Out, paged, text_field
from kit.web.paging import PageIn
from kit.web.validate import unfit
from kit.words import say

TRANSFER_STATES = ("waiting", "done", "refused", "lapsed")
MAX_CODE = 200


def member_no_field(**options: Any) -> fields.String:
    """A member number as somebody writes it."""
    return text_field(MAX_STAFF_NO, check=_check_code, **options)


def _check_code(text: str) -> None:
    if damage := find_damage(text):
        raise ValidationError([damage])
    if not is_code(text):
        raise ValidationError([say("bad_characters.code")])


class BindingIn(In):
    """Who is to be whose.

    The guide by `guide_id`, `staff_no`, or the `guide_code` that the customer scanned; a guide: none of them is me.
    """

    customer_id = fields.UUID(load_default=None, metadata={"description": "Or else the `member_no`."})
    member_no = member_no_field(
        load_default=None,
        metadata={"description": "From a till, an unknown one becomes a customer of the guide's store."},
    )
    guide_id = fields.UUID(load_default=None)
    staff_no = text_field(MAX_STAFF_NO, load_default=None)
    guide_code = text_field(MAX_CODE, load_default=None)
    confirmed_by = fields.String(
        load_default=None,
        validate=validate.OneOf(WINNING),
        metadata={"description": "API keys only: who saw the customer; a scan with a guide_code, else the till."},
    )

    @validates_schema
    def check_one(self, data: dict[str, Any], **_: Any) -> None:
        if (data.get("customer_id") is None) == (data.get("member_no") is None):
            raise unfit(say("exactly_one", names=["customer_id", "member_no"]), "customer_id")
        if sum(data.get(name) is not None for name in ("guide_id", "staff_no", "guide_code")) > 1:
            raise unfit(say("exactly_one", names=["guide_id", "staff_no", "guide_code"]), "guide_id")


class BindingOut(Out):
    """That a customer was a guide's own, from `bound_at` until `ended_at`."""

    id = fields.UUID(required=True)
    customer_id = fields.UUID(required=True)
    guide_id = fields.UUID(required=True)
    guide_name = fields.String(required=True)
    store_id = fields.UUID(required=True)
    reason = fields.String(
        required=True,
        validate=validate.OneOf(REASONS),
        metadata={"description": "How it came about.", "example": "guide_code"},
    )
    reference_id = fields.UUID(
        required=True, allow_none=True, metadata={"description": "Through which forward, order or transfer."}
    )
    bound_by = fields.UUID(required=True, allow_none=True)
    bound_at = fields.DateTime(required=True)
    protected_until = fields.DateTime(
        required=True, allow_none=True, metadata={"description": "Nobody can take the customer over before."}
    )
    confirmed_at = fields.DateTime(
        required=True, allow_none=True, metadata={"description": "Null: a claim, which earns nothing yet."}
    )
    confirmed_how = fields.String(
        required=True, allow_none=True, validate=validate.OneOf(CONFIRMATIONS), metadata={"example": "till"}
    )
    ended_at = fields.DateTime(required=True, allow_none=True)
    ended_reason = fields.String(
        required=True, allow_none=True, validate=validate.OneOf(ENDS), metadata={"example": "transfer"}
    )


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
    served_months = fields.Integer(
        load_default=12,
        strict=True,
        validate=validate.Range(0, 120),
        metadata={"description": "For how long guides see the customers whom they served in their store."},
    )


class BindingPolicyOut(Out):
    protection_days = fields.Integer(required=True)
    bind_at_till = fields.Boolean(required=True)
    refusal_hours = fields.Integer(required=True)
    transfer_limit = fields.Integer(required=True)
    transfer_window_days = fields.Integer(required=True)
    served_months = fields.Integer(required=True)
    version = fields.Integer(required=True, metadata={"description": "The ETag."})
