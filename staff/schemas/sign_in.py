"""What the staff routes take and give."""

from marshmallow import fields

from kit.web.io import In, Out, text_field


class TokenIn(In):
    staff_no = text_field(64, required=True, metadata={"example": "G0001"})
    password = text_field(200, required=True, metadata={"example": "guide-demo-2026"})


class TokenOut(Out):
    access_token = fields.String(required=True)
    token_type = fields.String(required=True, metadata={"example": "Bearer"})
    expires_in = fields.Integer(required=True, metadata={"description": "Seconds.", "example": 900})


class MeOut(Out):
    id = fields.UUID(required=True)
    staff_no = fields.String(required=True)
    name = fields.String(required=True)
    roles = fields.List(fields.String(), required=True)
    store_id = fields.UUID(required=True, allow_none=True)
    store_code = fields.String(required=True, allow_none=True)
    store_name = fields.String(required=True, allow_none=True)
    time_zone = fields.String(required=True, allow_none=True)
    region_id = fields.UUID(required=True, allow_none=True)
    region_name = fields.String(required=True, allow_none=True)


class PersonOut(Out):
    """A member of staff as others see them."""

    id = fields.UUID(required=True)
    staff_no = fields.String(required=True)
    name = fields.String(required=True)
