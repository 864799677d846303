"""What the timeline gives: one shape for each kind of fact."""

from typing import Any

from marshmallow import fields

from content_center.rules.touches import TOUCH_KINDS
from customers.rules.bindings import ENDS, REASONS
from customers.schemas.profiles import CUSTOMER_ORIGINS
from customers.service import merges
from kit.web import validate
from kit.web.io import MoneyOut, Out, cursor_field, total_field
from kit.web.unions import Union, kind_field
from models.clienteling import FOLLOW_UP_CHANNELS, FOLLOW_UP_OUTCOMES
from models.contact import CONSENT_ORIGINS, CONTACT_CHANNELS
from models.customers import TAG_ORIGINS


class FactOut(Out):
    """Something that happened to the customer."""

    id = fields.String(required=True, metadata={"description": "Of the fact; unique with its kind."})
    at = fields.DateTime(required=True)
    guide_id = fields.UUID(required=True, allow_none=True)
    guide_name = fields.String(required=True, allow_none=True)
    store_id = fields.UUID(required=True, allow_none=True)
    store_name = fields.String(required=True, allow_none=True)


def _fact(name: str, *kinds: str, **details: "fields.Field[Any]") -> dict[str, type[Out]]:
    """By kind, the shape of facts whose `details` hold these fields."""
    inside = type(f"{name}DetailsOut", (Out,), details)
    shape = {"kind": kind_field(*kinds), "details": fields.Nested(inside, required=True)}
    return dict.fromkeys(kinds, type(f"{name}FactOut", (FactOut,), shape))


def _one_of(words: tuple[str, ...]) -> fields.String:
    return fields.String(required=True, validate=validate.OneOf(words))


def _id_or_none() -> fields.UUID:
    return fields.UUID(required=True, allow_none=True)


class GoodsOut(Out):
    """A line of an order."""

    title = fields.String(required=True, metadata={"example": "山茶花精华"})
    quantity = fields.Integer(required=True)


TAG_DETAILS = {"tag": fields.String(required=True), "origin": _one_of(TAG_ORIGINS)}
SHAPES = (
    _fact(
        "Order",
        "order",
        channel=fields.String(required=True),
        net=fields.Nested(MoneyOut, required=True),
        goods=fields.List(fields.Nested(GoodsOut), required=True),
    ),
    _fact(
        "Contact",
        "contact",
        channel=_one_of(CONTACT_CHANNELS),
        reference_id=_id_or_none(),
        content_id=_id_or_none(),
        title=fields.String(required=True, allow_none=True, metadata={"description": "Of what was forwarded."}),
    ),
    _fact(
        "Touch",
        "touch",
        touch=_one_of(TOUCH_KINDS),
        forward_id=fields.UUID(required=True),
        content_id=fields.UUID(required=True),
        title=fields.String(required=True, metadata={"description": "Of what was forwarded."}),
        dwell_ms=fields.Integer(required=True, allow_none=True),
        product_id=_id_or_none(),
        product_title=fields.String(required=True, allow_none=True),
    ),
    _fact(
        "FollowUp",
        "follow_up",
        channel=_one_of(FOLLOW_UP_CHANNELS),
        outcome=_one_of(FOLLOW_UP_OUTCOMES),
        next_on=fields.Date(required=True, allow_none=True),
        note=fields.String(allow_none=True, metadata={"description": "Null: there is one that you may not read."}),
    ),
    _fact("Bound", "bound", reason=_one_of(REASONS)),
    _fact("Unbound", "unbound", reason=_one_of(ENDS)),
    _fact("Tag", "tagged", "untagged", **TAG_DETAILS),
    _fact(
        "Consent",
        "consent",
        channel=_one_of(CONTACT_CHANNELS),
        granted=fields.Boolean(required=True),
        origin=_one_of(CONSENT_ORIGINS),
    ),
    _fact("Registered", "registered", origin=_one_of(CUSTOMER_ORIGINS)),
    _fact("Merged", "merged", other_id=fields.UUID(required=True), reason=_one_of(merges.REASONS)),
)
KINDS = {kind: shape for shapes in SHAPES for kind, shape in shapes.items()}


class TimelinePageOut(Out):
    """A page of facts, newest first."""

    items = fields.List(Union(KINDS), required=True)
    next_cursor = cursor_field()
    total = total_field()
