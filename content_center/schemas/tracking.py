"""What the routes about touches and figures take and give."""

from marshmallow import ValidationError, fields, validate, validates_schema

from content_center.queries import GROUPINGS
from content_center.rules.touches import TOUCH_KINDS
from kit.web.io import Out, QueryIn, paged
from kit.web.paging import PageIn

POSITION = r"^[0-9]{1,18}-[0-9]{1,18}\Z"


class TouchFeedIn(QueryIn):
    after = fields.String(
        load_default="0-0",
        validate=validate.Regexp(POSITION),
        metadata={"description": "`next_after` of the last answer; without it, from the beginning."},
    )
    limit = fields.Integer(load_default=100, validate=validate.Range(1, 1000))


class FeedTouchOut(Out):
    """A customer did something with what the guide shared."""

    forward_id = fields.UUID(required=True)
    content_id = fields.UUID(required=True)
    title = fields.String(required=True)
    channel = fields.String(required=True)
    target = fields.Dict(required=True)
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
    excluded_reason = fields.String(required=True, allow_none=True, metadata={"example": "crawler"})
    product_id = fields.UUID(required=True, allow_none=True)
    dwell_ms = fields.Integer(required=True, allow_none=True)
    at = fields.DateTime(required=True)


class ContentFiguresIn(QueryIn):
    """Forwards made from `since` (included) to `until` (excluded), and what has come of them since."""

    by = fields.String(load_default="content", validate=validate.OneOf(GROUPINGS))
    since = fields.AwareDateTime(required=True)
    until = fields.AwareDateTime(required=True)
    content_id = fields.UUID(load_default=None)
    limit = fields.Integer(load_default=100, validate=validate.Range(1, 1000))

    @validates_schema
    def check_period(self, data: dict[str, object], **_: object) -> None:
        if data["since"] >= data["until"]:  # type: ignore[operator]
            raise ValidationError("Must be later than `since`.", "until")


class ContentFiguresOut(Out):
    key = fields.String(required=True, metadata={"description": "An id, a channel, or a version's id."})
    label = fields.String(required=True)
    forwards = fields.Integer(required=True)
    delivered = fields.Integer(required=True, metadata={"description": "Confirmed by the app or the channel."})
    opened = fields.Integer(required=True, metadata={"description": "Forwards that somebody opened."})
    viewers = fields.Integer(required=True, metadata={"description": "Different people who opened."})
    clicks = fields.Integer(required=True)
    dwell_ms = fields.Integer(required=True, metadata={"description": "Mean time of a visit."})
    excluded = fields.Integer(required=True, metadata={"description": "Touches that do not count."})


class ContentFiguresListOut(Out):
    items = fields.List(fields.Nested(ContentFiguresOut), required=True)


TouchPageOut = paged(TouchOut)
