"""What a forward shares, in the terms of those who take it: the app, WeCom, WeChat."""

from marshmallow import fields

from content_center.rules.wecom import CALLS
from kit.web import validate
from kit.web.io import MoneyOut, Out, path_field, thumbnail_field, url_field
from kit.web.unions import Union, kind_field


class ShownProductOut(Out):
    """A product as it was when it was forwarded."""

    id = fields.UUID(required=True)
    title = fields.String(required=True)
    brand = fields.String(required=True)
    price = fields.Nested(MoneyOut, required=True, allow_none=True)
    list_price = fields.Nested(MoneyOut, required=True, allow_none=True)
    image_url = path_field(allow_none=True)
    thumbnail_url = thumbnail_field(allow_none=True)


class MiniProgramOut(Out):
    app_id = fields.String(required=True, metadata={"example": "wx0123456789abcdef"})
    path = fields.String(required=True, metadata={"example": "pages/share/index?token=7Qm2xW0aJ3kLr5Tb"})


class WecomTextOut(Out):
    content = fields.String(required=True)


class WecomLinkOut(Out):
    title = fields.String(required=True)
    desc = fields.String(required=True)
    url = url_field()
    imgUrl = url_field()  # noqa: N815 - as WeCom writes it


class WecomMiniProgramOut(Out):
    appid = fields.String(required=True)
    page = fields.String(required=True)
    title = fields.String(required=True)
    imgUrl = url_field()  # noqa: N815 - as WeCom writes it


class LinkAttachmentOut(Out):
    """A link, as WeCom documents it."""

    msgtype = kind_field("link")
    link = fields.Nested(WecomLinkOut, required=True)


class MiniProgramAttachmentOut(Out):
    """A card of the chain's mini-program, as WeCom documents it."""

    msgtype = kind_field("miniprogram")
    miniprogram = fields.Nested(WecomMiniProgramOut, required=True)


class WecomImageOut(Out):
    imgUrl = url_field()  # noqa: N815 - as WeCom writes it


class ImageAttachmentOut(Out):
    """A picture, as WeCom documents it."""

    msgtype = kind_field("image")
    image = fields.Nested(WecomImageOut, required=True)


class WecomOut(Out):
    """What the app hands to WeCom's JS-SDK, within WeCom's limits."""

    call = fields.String(
        required=True,
        validate=validate.OneOf([call for call, _ in CALLS.values()]),
        metadata={"example": "shareToExternalContact"},
    )
    text = fields.Nested(WecomTextOut, required=True)
    attachments = fields.List(
        Union(
            {"link": LinkAttachmentOut, "miniprogram": MiniProgramAttachmentOut, "image": ImageAttachmentOut},
            tag="msgtype",
        ),
        required=True,
    )
    externalUserIds = fields.List(  # noqa: N815 - as WeCom writes it
        fields.String(),
        metadata={"description": "In chats: whom WeCom knows of those who may be written to now."},
    )
    chatIds = fields.List(  # noqa: N815 - as WeCom writes it
        fields.String(), metadata={"description": "In groups: the group, where the tap named one."}
    )


class WechatOut(Out):
    """The card that the app hands to WeChat's Open SDK, within its limits."""

    kind = fields.String(required=True, validate=validate.OneOf(("webpage", "mini_program")))
    title = fields.String(required=True)
    description = fields.String(required=True)
    webpage_url = url_field("The tracked link.")
    picture_url = url_field("To be made as small as WeChat asks.")
    mini_program = fields.Nested(MiniProgramOut, required=True, allow_none=True)


class PictureOut(Out):
    """One of the content's own pictures."""

    url = path_field()
    page_url = path_field("At 1080×1620 at most.")
    thumbnail_url = thumbnail_field()
    width = fields.Integer(required=True)
    height = fields.Integer(required=True)


class VideoOut(Out):
    """The content's film."""

    url = path_field("An MP4; ranges are answered.")
    bytes = fields.Integer(required=True)
    duration_ms = fields.Integer(required=True)
    poster_url = path_field()
    thumbnail_url = thumbnail_field()
