"""What the routes about touches and figures take and give."""

from marshmallow import fields

from content_center.rules.touches import EXCLUSIONS, SIGNS, TOUCH_KINDS
from content_center.schemas.forwards import target_out
from kit.web import validate
from kit.web.io import Out, paged
from kit.web.paging import PageIn
from models.content import CHANNELS


class FeedTouchOut(Out):
    """A customer did something with what the guide shared."""

    forward_id = fields.UUID(required=True)
    content_id = fields.UUID(required=True)
    title = fields.String(required=True)
    channel = fields.String(required=True, validate=validate.OneOf(CHANNELS))
    target = target_out()
    customer_name = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Masked, of the one customer whom the link was made for.", "example": "张*"},
    )
    kind = fields.String(required=True, validate=validate.OneOf(TOUCH_KINDS))
    product_id = fields.UUID(required=True, allow_none=True, metadata={"description": "What was asked about."})
    product_title = fields.String(required=True, allow_none=True)
    dwell_ms = fields.Integer(required=True, allow_none=True)
    at = fields.DateTime(required=True)


class TouchFeedOut(Out):
    items = fields.List(fields.Nested(FeedTouchOut), required=True)
    next_after = fields.String(
        required=True, metadata={"description": "Where to go on, now or when asking again later."}
    )


class TouchListIn(PageIn):
    counted = fields.Boolean(load_default=None, metadata={"description": "Only those that count, or only the others."})


class TouchOut(Out):
    """Anything that happened on a forward's link, with the reason where it does not count."""

    id = fields.Integer(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(TOUCH_KINDS))
    counted = fields.Boolean(required=True)
    excluded_reason = fields.String(
        required=True, allow_none=True, validate=validate.OneOf(EXCLUSIONS), metadata={"example": "crawler"}
    )
    detail = fields.String(
        required=True, allow_none=True, metadata={"description": "Why it does not count, for people."}
    )
    sign = fields.String(
        required=True,
        allow_none=True,
        validate=validate.OneOf(SIGNS),
        metadata={"description": "What showed that a person did it; null: nothing did."},
    )
    product_id = fields.UUID(required=True, allow_none=True)
    dwell_ms = fields.Integer(required=True, allow_none=True)
    at = fields.DateTime(required=True)


TouchPageOut = paged(TouchOut)
