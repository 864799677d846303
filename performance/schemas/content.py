"""What came of content: what the routes take and give."""

from marshmallow import fields, validates_schema

from kit.web import validate
from kit.web.io import MoneyOut, Out, QueryIn
from kit.web.validate import unfit
from kit.words import say
from performance.queries import GROUPINGS


class ContentFiguresIn(QueryIn):
    """Forwards made from `since` (included) to `until` (excluded), and what has come of them since."""

    by = fields.String(load_default="content", validate=validate.OneOf(GROUPINGS))
    since = fields.AwareDateTime(required=True, metadata={"example": "2026-11-01T00:00:00Z"})
    until = fields.AwareDateTime(required=True, metadata={"example": "2026-12-01T00:00:00Z"})
    content_id = fields.UUID(load_default=None)
    limit = fields.Integer(load_default=100, validate=validate.Range(1, 1000))

    @validates_schema
    def check_period(self, data: dict[str, object], **_: object) -> None:
        if data["since"] >= data["until"]:  # type: ignore[operator]
            raise unfit(say("not_later", than="since"), "until")


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
    orders = fields.Integer(required=True, metadata={"description": "Orders that came through the links, in time."})
    net_sales = fields.List(
        fields.Nested(MoneyOut), required=True, metadata={"description": "Of those orders, by currency."}
    )


class ContentFiguresListOut(Out):
    items = fields.List(fields.Nested(ContentFiguresOut), required=True)
