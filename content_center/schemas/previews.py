"""What the preview routes take and give."""

from marshmallow import fields

from content_center.schemas.forwards import LANGUAGES
from kit.web import validate
from kit.web.io import Out, QueryIn, text_field


class TemplatePreviewIn(QueryIn):
    language = fields.String(load_default="zh", validate=validate.OneOf(LANGUAGES))


class PosterPreviewIn(TemplatePreviewIn):
    guide_id = fields.UUID(required=True)


class PreviewIn(PosterPreviewIn):
    customer_name = text_field(100, load_default=None)


class PreviewOut(Out):
    version = fields.Integer(required=True)
    guide_name = fields.String(required=True)
    store_name = fields.String(required=True)
    texts = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
