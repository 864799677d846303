"""How the catalogue of figures is answered."""

from marshmallow import fields

from kit.web import validate
from kit.web.io import Out

KINDS = ("day", "period", "ratio")


class WordsOut(Out):
    zh = fields.String(required=True)
    en = fields.String(required=True)


class MetricOut(Out):
    name = fields.String(required=True, metadata={"example": "settled_sales"})
    kind = fields.String(
        required=True,
        validate=validate.OneOf(KINDS),
        metadata={"description": "Stored by day and adding up, counted over the period asked, or divided of others."},
    )
    unit = fields.String(required=True)
    label = fields.Nested(WordsOut, required=True)
    means = fields.Nested(WordsOut, required=True)
    day = fields.Nested(WordsOut, required=True, allow_none=True, metadata={"description": "On which day it counts."})
    place = fields.Nested(WordsOut, required=True, allow_none=True, metadata={"description": "In which store."})
    numerator = fields.String(required=True, allow_none=True)
    denominator = fields.String(required=True, allow_none=True)


class MetricsOut(Out):
    items = fields.List(fields.Nested(MetricOut), required=True)
