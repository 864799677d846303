"""What the audit routes take and give."""

from marshmallow import fields

from kit.web.io import Out, paged, text_field
from kit.web.paging import PageIn


class AuditIn(PageIn):
    table_name = text_field(64, load_default=None, metadata={"example": "store"})
    row_id = text_field(100, load_default=None, metadata={"description": "Id of the row that was changed."})
    principal_id = fields.UUID(load_default=None, metadata={"description": "Who did it."})
    action = text_field(64, load_default=None, metadata={"example": "changed"})
    request_id = text_field(64, load_default=None, metadata={"description": "As in `X-Request-Id`."})
    since = fields.AwareDateTime(load_default=None, metadata={"description": "Not before; inclusive."})
    until = fields.AwareDateTime(load_default=None, metadata={"description": "Before; exclusive."})


class AuditEntryOut(Out):
    id = fields.Integer(required=True)
    created_at = fields.DateTime(required=True)
    actor_kind = fields.String(
        required=True, metadata={"description": "`staff`, `integrator`, a job's name, or `system`.", "example": "staff"}
    )
    principal_id = fields.UUID(required=True, allow_none=True)
    staff_no = fields.String(required=True, allow_none=True, metadata={"example": "H0001"})
    api_key_name = fields.String(required=True, allow_none=True, metadata={"example": None})
    address = fields.String(required=True, allow_none=True, metadata={"example": "203.0.113.7"})
    request_id = fields.String(required=True, allow_none=True)
    table_name = fields.String(required=True, metadata={"example": "store"})
    row_id = fields.String(required=True)
    action = fields.String(required=True, metadata={"example": "changed"})
    before = fields.Dict(
        required=True,
        allow_none=True,
        metadata={"description": "What changed, as it was; names masked.", "example": {"closed_on": None}},
    )
    after = fields.Dict(
        required=True,
        allow_none=True,
        metadata={"description": "What changed, as it became.", "example": {"closed_on": "2026-12-31"}},
    )


AuditPageOut = paged(AuditEntryOut)
