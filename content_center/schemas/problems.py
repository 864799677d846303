"""What the content center's refusals carry for programs."""

from marshmallow import fields, validate

from content_center.posters.cards import LinkTooLong
from content_center.posters.templates import UnknownTemplate
from content_center.schemas.content import SHOWN_STATES, ReasonOut
from content_center.schemas.forwards import SkippedOut
from content_center.service.content import AssetsUnknown, AudienceUnknown, ContentStateForbids, ProductsUnknown
from content_center.service.forwards import ContentNotForwardable, TargetUnknown
from content_center.service.takedown import ContentHidden
from content_center.service.targets import ConfirmationTargetUnknown, NobodyToContact
from kit.images import ImageDisguised, ImageTooLarge, ImageTooManyScans
from kit.videos import VideoDisguised
from kit.web.problems import carries
from models.content import HIDDEN_REASONS

carries(ContentNotForwardable, reasons=fields.List(fields.Nested(ReasonOut), required=True))
carries(ContentHidden, hidden_reason=fields.String(required=True, validate=validate.OneOf(HIDDEN_REASONS)))
carries(ContentStateForbids, state=fields.String(required=True, validate=validate.OneOf(SHOWN_STATES)))
carries(NobodyToContact, skipped=fields.List(fields.Nested(SkippedOut), required=True))
carries(
    TargetUnknown,
    ConfirmationTargetUnknown,
    ProductsUnknown,
    AssetsUnknown,
    AudienceUnknown,
    unknown=fields.List(fields.UUID(), required=True),
)
carries(
    UnknownTemplate,
    name=fields.String(required=True),
    known=fields.List(fields.String(), required=True),
)
carries(
    ImageDisguised,
    VideoDisguised,
    declared=fields.String(required=True, metadata={"example": "image/png"}),
    found=fields.String(required=True, metadata={"example": "image/jpeg"}),
)
carries(ImageTooManyScans, max_scans=fields.Integer(required=True))
carries(
    ImageTooLarge,
    bytes=fields.Integer(),
    max_bytes=fields.Integer(),
    width=fields.Integer(),
    height=fields.Integer(),
    max_pixels=fields.Integer(),
)
carries(LinkTooLong, characters=fields.Integer(required=True))
