"""What the viewer route takes and gives."""

from marshmallow import fields

from kit.web import validate
from kit.web.io import In, Out, text_field, url_field

VIEWER_KINDS = ("wechat_union", "wecom", "staff")


class ViewerIn(In):
    """Who is about to open a link: a union id, a WeCom external_userid, or the staff number of one's own people."""

    token = text_field(32, required=True, metadata={"example": "7Qm2xW0aJ3kLr5Tb"})
    kind = fields.String(required=True, validate=validate.OneOf(VIEWER_KINDS))
    channel_id = text_field(128, required=True, metadata={"example": "oABCD1234"})


class ViewerOut(Out):
    share_url = url_field()
    expires_in = fields.Integer(required=True, metadata={"description": "Seconds; later it is anybody's link."})
