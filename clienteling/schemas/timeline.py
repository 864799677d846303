"""What the timeline gives."""

from marshmallow import fields

from kit.web.io import Out, paged


class TimelineFactOut(Out):
    """One fact; docs/clienteling.md says what `details` holds for each kind."""

    kind = fields.String(required=True, metadata={"description": "`order`, `touch`, `follow_up` …", "example": "order"})
    id = fields.String(required=True, metadata={"description": "Of the fact; unique with its kind."})
    at = fields.DateTime(required=True)
    guide_id = fields.UUID(required=True, allow_none=True)
    guide_name = fields.String(required=True, allow_none=True)
    store_id = fields.UUID(required=True, allow_none=True)
    store_name = fields.String(required=True, allow_none=True)
    details = fields.Dict(
        keys=fields.String(), required=True, metadata={"example": {"channel": "pos"}, "additionalProperties": True}
    )


TimelinePageOut = paged(TimelineFactOut)
