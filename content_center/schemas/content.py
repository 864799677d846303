"""What the content routes take and give."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from marshmallow import ValidationError, fields, validates_schema

from catalog.rules import BLOCKERS
from content_center.rules.forwarding import REASONS
from content_center.rules.texts import DEFAULT_CHANNEL, PLACEHOLDERS
from kit.web import validate
from kit.web.io import In, MoneyOut, Out, paged, path_field, text_field, thumbnail_field
from kit.web.paging import PageIn
from kit.web.validate import unfit
from kit.words import say
from models.catalog import SHELF_STATUSES
from models.content import CHANNELS, CONTENT_KINDS, CONTENT_STATES, HIDDEN_REASONS
from models.staff import ROLES

MAX_PRODUCTS = 20
# As seen from outside; which one `scheduled` is, only the time says.
SHOWN_STATES = ("draft", "in_review", "scheduled", "published", "withdrawn")


def _no_doubles(product_ids: list[UUID]) -> None:
    if len(set(product_ids)) < len(product_ids):
        raise ValidationError([say("repeated.product")])


class AudienceIn(In):
    """Whom it is for; an empty list excludes nobody. Stores are those named or in the regions named."""

    region_ids = fields.List(fields.UUID(), load_default=list, validate=validate.Length(max=500))
    store_ids = fields.List(fields.UUID(), load_default=list, validate=validate.Length(max=5000))
    roles = fields.List(fields.String(validate=validate.OneOf(ROLES)), load_default=list)
    store_tags = fields.List(text_field(64), load_default=list, validate=validate.Length(max=50))


class AudienceOut(Out):
    """Whom it is for; an empty list excludes nobody."""

    region_ids = fields.List(fields.UUID(), required=True)
    store_ids = fields.List(fields.UUID(), required=True)
    roles = fields.List(fields.String(validate=validate.OneOf(ROLES)), required=True)
    store_tags = fields.List(fields.String(), required=True)


TEXTS_OPTIONS: dict[str, Any] = {
    "keys": fields.String(validate=validate.OneOf((DEFAULT_CHANNEL, *CHANNELS))),
    "values": text_field(2000),
    "metadata": {
        "description": "Text by channel; `default` serves the rest. Placeholders: "
        + ", ".join(f"`{{{name}}}`" for name in PLACEHOLDERS),
        "example": {"default": "{customer_name}，{guide_name}为您推荐，现在只要{product_price}"},
    },
}
PRODUCT_CHECKS: list[Callable[[Any], Any]] = [validate.Length(max=MAX_PRODUCTS), _no_doubles]


class VersionIn(In):
    """What one version says."""

    title = text_field(200, required=True, metadata={"example": "秋日焕亮精华"})
    body = text_field(4000, required=True, min_length=0)
    texts = fields.Dict(required=True, **TEXTS_OPTIONS)
    product_ids = fields.List(fields.UUID(), load_default=list, validate=PRODUCT_CHECKS)
    poster_template = text_field(40, load_default="product_card")
    asset_ids = fields.List(fields.UUID(), load_default=list, validate=validate.Length(max=20))


class ContentIn(VersionIn):
    """A new content and its first version."""

    id = fields.UUID(required=True, metadata={"description": "Chosen by the client; a second one is refused."})
    kind = fields.String(required=True, validate=validate.OneOf(CONTENT_KINDS))
    category = text_field(200, required=True, metadata={"example": "新品"})
    tags = fields.List(text_field(64), load_default=list, validate=validate.Length(max=20))
    audience = fields.Nested(AudienceIn, load_default=lambda: AudienceIn().load({}))
    valid_from = fields.AwareDateTime(required=True)
    valid_until = fields.AwareDateTime(load_default=None, allow_none=True)


class ContentPatch(In):
    """What is to change; what is left out stays. The wording can change only while the newest version is a draft."""

    title = text_field(200)
    body = text_field(4000, min_length=0)
    texts = fields.Dict(**TEXTS_OPTIONS)
    product_ids = fields.List(fields.UUID(), validate=PRODUCT_CHECKS)
    poster_template = text_field(40)
    asset_ids = fields.List(fields.UUID(), validate=validate.Length(max=20))
    category = text_field(200)
    tags = fields.List(text_field(64), validate=validate.Length(max=20))
    audience = fields.Nested(AudienceIn)
    valid_from = fields.AwareDateTime()
    valid_until = fields.AwareDateTime(allow_none=True)


class ReturnIn(In):
    comment = text_field(1000, required=True, metadata={"example": "第二段的功效说法需要依据"})


class AssetOut(Out):
    """A picture, whole and in the sizes that pages need; addresses work once it is in something published.

    Of a film it is the poster, and `video_url` the film itself.
    """

    id = fields.UUID(required=True)
    width = fields.Integer(required=True)
    height = fields.Integer(required=True)
    url = path_field()
    page_url = path_field()
    thumbnail_url = thumbnail_field()
    video_url = path_field("An MP4; ranges are answered.", allow_none=True)
    video_bytes = fields.Integer(required=True, allow_none=True)
    duration_ms = fields.Integer(required=True, allow_none=True)


class PublishIn(In):
    publish_at = fields.AwareDateTime(
        load_default=None, metadata={"description": "Go live by itself then; left out, at once."}
    )


class WithdrawalIn(In):
    """`hide` also takes it down: its pages, posters, texts, files; `hide_assets` the files wherever they are used."""

    reason = text_field(200, required=True, metadata={"example": "价格有误"})
    hide = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.OneOf(HIDDEN_REASONS),
        metadata={"description": "Why nobody may see it any more; also for content that was withdrawn before."},
    )
    hide_assets = fields.Boolean(load_default=False)

    @validates_schema
    def check_assets(self, data: dict[str, Any], **_: Any) -> None:
        if data.get("hide_assets") and not data.get("hide"):
            raise unfit(say("only_with", name="hide"), "hide_assets")


class ContentListIn(PageIn):
    state = fields.String(
        load_default="published",
        validate=validate.OneOf(SHOWN_STATES),
        metadata={
            "description": "Headquarters only; others always get what is published and valid now. Published content "
            "whose newest version is a draft, in review or scheduled is found under that, too."
        },
    )
    category = text_field(200, load_default=None)
    tag = text_field(64, load_default=None)
    q = text_field(100, load_default=None, metadata={"description": "Part of the title."})


class ProductCardOut(Out):
    """A product as it may be sold at the caller's store right now."""

    id = fields.UUID(required=True)
    title = fields.String(required=True)
    brand = fields.String(required=True)
    category = fields.String(required=True)
    shelf_status = fields.String(required=True, validate=validate.OneOf(SHELF_STATUSES))
    shelf_reason = fields.String(required=True, allow_none=True)
    sellable = fields.Boolean(required=True)
    blocked_by = fields.String(required=True, allow_none=True, validate=validate.OneOf(BLOCKERS))
    price = fields.Nested(MoneyOut, required=True, allow_none=True)
    list_price = fields.Nested(MoneyOut, required=True, allow_none=True)
    image_url = path_field(allow_none=True)
    thumbnail_url = thumbnail_field(allow_none=True)


class ReasonOut(Out):
    """One thing that stands against forwarding."""

    code = fields.String(required=True, validate=validate.OneOf(REASONS), metadata={"example": "product_not_sellable"})
    detail = fields.String(required=True)
    product_id = fields.UUID()
    shelf_status = fields.String(validate=validate.OneOf(SHELF_STATUSES))
    blocked_by = fields.String(validate=validate.OneOf(BLOCKERS))


class ContentItemOut(Out):
    """A content in a list."""

    id = fields.UUID(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(CONTENT_KINDS))
    state = fields.String(required=True, validate=validate.OneOf(SHOWN_STATES))
    category = fields.String(required=True)
    tags = fields.List(fields.String(), required=True)
    version = fields.Integer(required=True)
    version_state = fields.String(required=True, validate=validate.OneOf(SHOWN_STATES[:4]))
    live_from = fields.DateTime(
        required=True, allow_none=True, metadata={"description": "When this version became, or becomes, the live one."}
    )
    title = fields.String(required=True)
    thumbnail_url = thumbnail_field(allow_none=True)
    products = fields.List(fields.Nested(ProductCardOut), required=True)
    forwardable = fields.Boolean(required=True)
    reasons = fields.List(fields.Nested(ReasonOut), required=True, metadata={"description": "Why not forwardable."})
    valid_from = fields.DateTime(required=True)
    valid_until = fields.DateTime(required=True, allow_none=True)
    published_at = fields.DateTime(required=True, allow_none=True)
    created_at = fields.DateTime(required=True)


class ContentOut(ContentItemOut):
    """A content with what it says and whom it is for."""

    live_version = fields.Integer(required=True, allow_none=True, metadata={"description": "The one that is shown."})
    body = fields.String(required=True)
    texts = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    poster_template = fields.String(required=True)
    audience = fields.Nested(AudienceOut, required=True)
    assets = fields.List(fields.Nested(AssetOut), required=True)
    author_id = fields.UUID(required=True, allow_none=True, metadata={"description": "Headquarters see it."})
    contributor_ids = fields.List(fields.UUID(), required=True, metadata={"description": "Who changed it later."})
    submitted_at = fields.DateTime(required=True, allow_none=True, metadata={"description": "In review since."})
    review_comment = fields.String(required=True, allow_none=True, metadata={"description": "Why it came back."})
    updated_at = fields.DateTime(required=True)
    reviewer_id = fields.UUID(required=True, allow_none=True)
    withdrawn_at = fields.DateTime(required=True, allow_none=True)
    withdrawn_reason = fields.String(required=True, allow_none=True)
    hidden_at = fields.DateTime(required=True, allow_none=True, metadata={"description": "Taken down since."})
    hidden_reason = fields.String(required=True, allow_none=True, validate=validate.OneOf(HIDDEN_REASONS))


class AssetUseOut(Out):
    content_id = fields.UUID(required=True)
    state = fields.String(required=True, validate=validate.OneOf(CONTENT_STATES))
    title = fields.String(required=True)


class HiddenAssetOut(Out):
    """A picture or film that nobody gets any more, and the other contents that it was in."""

    asset_id = fields.UUID(required=True)
    used_in = fields.List(fields.Nested(AssetUseOut), required=True)


class WithdrawnOut(ContentOut):
    hidden_assets = fields.List(fields.Nested(HiddenAssetOut), required=True)


ContentPageOut = paged(ContentItemOut)


class ContentVersionOut(Out):
    """What one version of a content says."""

    id = fields.UUID(required=True)
    version = fields.Integer(required=True)
    version_state = fields.String(required=True, validate=validate.OneOf(SHOWN_STATES[:4]))
    title = fields.String(required=True)
    body = fields.String(required=True)
    texts = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    poster_template = fields.String(required=True)
    product_ids = fields.List(fields.UUID(), required=True)
    asset_ids = fields.List(fields.UUID(), required=True)
    author_id = fields.UUID(required=True)
    contributor_ids = fields.List(fields.UUID(), required=True, metadata={"description": "Who changed it later."})
    created_at = fields.DateTime(required=True)
    submitted_at = fields.DateTime(required=True, allow_none=True, metadata={"description": "In review since."})
    review_comment = fields.String(required=True, allow_none=True, metadata={"description": "Why it came back."})
    reviewer_id = fields.UUID(required=True, allow_none=True)
    live_from = fields.DateTime(
        required=True, allow_none=True, metadata={"description": "When it became, or becomes, the live one."}
    )


ContentVersionPageOut = paged(ContentVersionOut)
