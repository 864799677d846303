"""What the routes of integrators' keys take and give."""

from marshmallow import fields

from kit.web import validate
from kit.web.io import In, Out, paged, text_field
from staff.rules import API_SCOPES

SECRET = "Shown this once; send it as `Authorization: Bearer gk_...`."  # noqa: S105 - says what it is


class ApiKeyIn(In):
    name = text_field(200, required=True, metadata={"example": "Tills of the north"})
    scopes = fields.List(
        fields.String(validate=validate.OneOf(sorted(API_SCOPES))),
        required=True,
        validate=validate.Length(1, 20),
        metadata={"example": ["orders:write"]},
    )
    expires_at = fields.AwareDateTime(load_default=None, allow_none=True, metadata={"example": "2027-12-31T16:00:00Z"})


class RotationIn(In):
    overlap_hours = fields.Integer(
        load_default=24,
        validate=validate.Range(0, 24 * 30),
        metadata={"description": "How long the present secret goes on working.", "example": 24},
    )


class ApiKeyOut(Out):
    id = fields.UUID(required=True)
    name = fields.String(required=True, metadata={"example": "Tills of the north"})
    scopes = fields.List(
        fields.String(validate=validate.OneOf(sorted(API_SCOPES))),
        required=True,
        metadata={"example": ["orders:write"]},
    )
    created_at = fields.DateTime(required=True)
    expires_at = fields.DateTime(required=True, allow_none=True)
    previous_until = fields.DateTime(
        required=True, allow_none=True, metadata={"description": "Until when the replaced secret works."}
    )
    revoked_at = fields.DateTime(required=True, allow_none=True, metadata={"example": None})
    last_used_on = fields.Date(required=True, allow_none=True, metadata={"description": "A day in UTC."})


class ApiKeySecretOut(ApiKeyOut):
    secret = fields.String(required=True, metadata={"description": SECRET, "example": "gk_9yZ0b7..."})


ApiKeyPageOut = paged(ApiKeyOut)
