"""What the forward routes take and give."""

from typing import Any

from marshmallow import fields, post_load

from content_center.schemas.shared import MiniProgramOut, PictureOut, ShownProductOut, VideoOut, WechatOut, WecomOut
from customers.rules.contacts import REASONS
from kit.web import validate
from kit.web.batch import OutcomeOut
from kit.web.io import In, Out, paged, path_field, text_field, thumbnail_field, url_field
from kit.web.paging import PageIn
from kit.web.unions import Union, kind_field
from models.content import CHANNELS, CONFIRMATION_KINDS, HIDDEN_REASONS

LANGUAGES = ("zh", "en")
FORWARD_STATES = ("intended", "client_confirmed", "channel_confirmed", "opened")
MAX_TARGET_CUSTOMERS = 200


class NoTargetIn(In):
    """Nobody in particular: a link to copy, a moment."""

    kind = kind_field("none")


class GroupTargetIn(In):
    """A group chat."""

    kind = kind_field("group")
    group_id = text_field(128, metadata={"description": "The channel's own id of the group.", "example": "wr-123"})


class CustomersTargetIn(In):
    """Customers of the guide's own."""

    kind = kind_field("customers")
    customer_ids = fields.List(fields.UUID(), required=True, validate=validate.Length(1, MAX_TARGET_CUSTOMERS))

    @post_load
    def as_stored(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Ids as strings, sorted, for a JSON column: the order in which customers were ticked says nothing."""
        return {**data, "customer_ids": sorted({str(id_) for id_ in data["customer_ids"]})}


class NoTargetOut(Out):
    """Nobody in particular."""

    kind = kind_field("none")


class GroupTargetOut(Out):
    """A group chat."""

    kind = kind_field("group")
    group_id = fields.String()


class CustomersTargetOut(Out):
    """Customers of the guide's own."""

    kind = kind_field("customers")
    customer_ids = fields.List(fields.UUID(), required=True)


def target_out() -> Union:
    """At whom a guide aimed."""
    return Union({"none": NoTargetOut, "group": GroupTargetOut, "customers": CustomersTargetOut}, required=True)


class ForwardIn(In):
    id = fields.UUID(required=True, metadata={"description": "Chosen by the app, so that a repeated tap is harmless."})
    channel = fields.String(required=True, validate=validate.OneOf(CHANNELS))
    target = Union(
        {"none": NoTargetIn, "group": GroupTargetIn, "customers": CustomersTargetIn},
        load_default=lambda: {"kind": "none"},
        metadata={"description": "At whom the guide aims; the app shares, so this is what it intends."},
    )
    language = fields.String(load_default="zh", validate=validate.OneOf(LANGUAGES))
    captured_at = fields.AwareDateTime(
        load_default=None,
        metadata={"description": "When it was tapped, for taps without a network; within seven days, not to come."},
    )


class ForwardItemIn(ForwardIn):
    """One tap from an offline queue: what a single one says, and of which content."""

    content_id = fields.UUID(required=True)


class NamedCustomersIn(In):
    customer_ids = fields.List(
        fields.UUID(),
        load_default=list,
        validate=validate.Length(max=MAX_TARGET_CUSTOMERS),
        metadata={"description": "Which of the target's customers; none means all."},
    )


class SkippedOut(Out):
    """A customer who may not be contacted now."""

    customer_id = fields.UUID(required=True)
    reasons = fields.List(fields.String(validate=validate.OneOf(REASONS)), required=True)
    detail = fields.String(required=True, metadata={"description": "The reasons, for people."})
    next_allowed_at = fields.DateTime(
        required=True, allow_none=True, metadata={"description": "Null where waiting does not help."}
    )


class ReservationOut(Out):
    """Whom the app may send to, until `expires_at`; null when nobody, or all of it was sent before."""

    customer_ids = fields.List(fields.UUID(), required=True)
    expires_at = fields.DateTime(required=True, allow_none=True)
    refused = fields.List(fields.Nested(SkippedOut), required=True)


class ShareBindingIn(In):
    token = text_field(64, required=True, metadata={"example": "7Qm2xW0aJ3kLr5Tb"})
    customer_id = fields.UUID(required=True)


class ConfirmationIn(In):
    """The app confirms that it shared (`client`); the channel's integration that it was delivered (`channel`)."""

    kind = fields.String(required=True, validate=validate.OneOf(CONFIRMATION_KINDS))
    customer_ids = fields.List(
        fields.UUID(),
        load_default=list,
        validate=validate.Length(max=MAX_TARGET_CUSTOMERS),
        metadata={"description": "Which of the target's customers; none means all, or whoever it reached."},
    )


class ConfirmationOut(Out):
    forward_id = fields.UUID(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(CONFIRMATION_KINDS))
    customer_ids = fields.List(fields.UUID(), required=True, metadata={"description": "Confirmed so far."})
    confirmed_at = fields.DateTime(
        required=True, allow_none=True, metadata={"description": "When first; null when nobody was."}
    )
    refused = fields.List(
        fields.Nested(SkippedOut),
        required=True,
        metadata={"description": "Whom the app must not send to after all; for `client`."},
    )


class ForwardListIn(PageIn):
    content_id = fields.UUID(load_default=None)


class ForwardOut(Out):
    """Everything that is shared."""

    id = fields.UUID(required=True)
    content_id = fields.UUID(required=True)
    version = fields.Integer(required=True)
    title = fields.String(required=True)
    guide_id = fields.UUID(required=True)
    guide_name = fields.String(required=True)
    store_id = fields.UUID(required=True)
    channel = fields.String(required=True, validate=validate.OneOf(CHANNELS))
    target = target_out()
    text = fields.String(required=True, metadata={"description": "Filled in, ready to paste."})
    share_url = url_field("The tracked link.")
    poster_url = path_field("A 1080×1440 JPEG, drawn when first fetched.")
    poster_thumbnail_url = thumbnail_field()
    mini_program = fields.Nested(
        MiniProgramOut, required=True, allow_none=True, metadata={"description": "The chain's own, where it has one."}
    )
    wecom = fields.Nested(
        WecomOut, required=True, allow_none=True, metadata={"description": "For the channels of WeCom."}
    )
    wechat = fields.Nested(
        WechatOut, required=True, allow_none=True, metadata={"description": "For the channel `wechat`."}
    )
    pictures = fields.List(
        fields.Nested(PictureOut), required=True, metadata={"description": "The content's own, in its order."}
    )
    video = fields.Nested(VideoOut, required=True, allow_none=True)
    products = fields.List(fields.Nested(ShownProductOut), required=True)
    created_at = fields.DateTime(required=True)
    captured_at = fields.DateTime(
        required=True, allow_none=True, metadata={"description": "When it was tapped without a network, by the phone."}
    )


class ForwardTapOut(ForwardOut):
    """Everything that is shared, and who of the target would be skipped now."""

    skipped = fields.List(fields.Nested(SkippedOut), required=True)
    named = fields.Boolean(
        required=True,
        metadata={"description": "Whether the text says the customer's name: not once reveals are used up."},
    )


class ForwardOutcomeOut(OutcomeOut):
    """What became of one tap, with everything that is shared unless it was rejected."""

    forward = fields.Nested(ForwardTapOut)


class ForwardBatchOut(Out):
    """One outcome per tap, in the order of the request."""

    items = fields.List(fields.Nested(ForwardOutcomeOut), required=True)


class NamedCustomerOut(Out):
    id = fields.UUID(required=True)
    name = fields.String(required=True, allow_none=True, metadata={"description": "Masked.", "example": "张*"})


class ForwardSeenOut(ForwardOut):
    """What was shared, and what came of it; of content that was taken down, only that it was shared."""

    text = fields.String(required=True, allow_none=True)
    share_url = url_field(allow_none=True)
    poster_url = path_field(allow_none=True)
    poster_thumbnail_url = thumbnail_field(allow_none=True)
    hidden_reason = fields.String(required=True, allow_none=True, validate=validate.OneOf(HIDDEN_REASONS))

    customers = fields.List(
        fields.Nested(NamedCustomerOut),
        required=True,
        metadata={"description": "Of those it aims at, the first ten whom you see."},
    )
    state = fields.String(required=True, validate=validate.OneOf(FORWARD_STATES))
    opens = fields.Integer(required=True, metadata={"description": "Unique viewers that count."})
    clicks = fields.Integer(required=True)


ForwardPageOut = paged(ForwardSeenOut)


class ForwarderListIn(PageIn):
    days = fields.Integer(
        load_default=30, validate=validate.Range(1, 365), metadata={"description": "How far back, in days."}
    )


class ForwarderOut(Out):
    """A guide who shared content that needs the product."""

    guide_id = fields.UUID(required=True)
    staff_no = fields.String(required=True)
    guide_name = fields.String(required=True)
    store_id = fields.UUID(required=True)
    store_name = fields.String(required=True)
    forwards = fields.Integer(required=True, metadata={"description": "Of such content, in these days."})
    contents = fields.Integer(required=True, metadata={"description": "How many different contents they were of."})
    last_forwarded_at = fields.DateTime(required=True)


ForwarderPageOut = paged(ForwarderOut)
