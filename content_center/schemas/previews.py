"""What the preview routes take and give."""

from typing import Any

from marshmallow import fields, validates_schema

from content_center.schemas.content import ReasonOut
from content_center.schemas.forwards import LANGUAGES
from kit.web import validate
from kit.web.io import Out, QueryIn, text_field
from kit.web.validate import unfit
from kit.words import say


class TemplatePreviewIn(QueryIn):
    language = fields.String(load_default="zh", validate=validate.OneOf(LANGUAGES))


class PosterPreviewIn(TemplatePreviewIn):
    guide_id = fields.UUID(
        load_default=None, metadata={"description": "For who makes content; guides look at their own."}
    )


class PreviewIn(PosterPreviewIn):
    customer_name = text_field(100, load_default=None)
    customer_id = fields.UUID(
        load_default=None, metadata={"description": "For guides: one of their own, addressed by the masked name."}
    )

    @validates_schema
    def check_one(self, data: dict[str, Any], **_: Any) -> None:
        if data.get("customer_id") is not None and data.get("customer_name") is not None:
            raise unfit(say("name_or_customer"), "customer_id")


class PreviewOut(Out):
    version = fields.Integer(required=True)
    guide_name = fields.String(required=True)
    store_name = fields.String(required=True)
    texts = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    forwardable = fields.Boolean(required=True)
    reasons = fields.List(fields.Nested(ReasonOut), required=True, metadata={"description": "Against forwarding it."})
