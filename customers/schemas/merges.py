"""Tags and their history; customers who may be one person, and those who became one."""

from typing import Any

from marshmallow import fields

from customers.schemas.profiles import MAX_CODE, CustomerOut
from customers.sealed import PROFILE_FIELDS
from customers.service.merges import REASONS
from customers.service.tags import MAX_TAGS
from kit.web import validate
from kit.web.io import In, Out, paged, text_field
from kit.web.paging import PageIn
from models.customers import TAG_ORIGINS

MAX_GROUPS = 50


def _tags() -> Any:
    return fields.List(
        text_field(MAX_CODE),
        load_default=list,
        validate=validate.Length(max=MAX_TAGS),
        metadata={"example": ["喜欢香氛"]},
    )


class TagsIn(In):
    add = _tags()
    remove = _tags()
    origin = fields.String(
        load_default=None,
        validate=validate.OneOf(TAG_ORIGINS),
        metadata={"description": "Machines only: where the word comes from. People's come from a person."},
    )


class TagOut(Out):
    tag = fields.String(required=True, metadata={"example": "喜欢香氛"})
    origin = fields.String(required=True, validate=validate.OneOf(TAG_ORIGINS))
    customer_id = fields.UUID(required=True, metadata={"description": "Whose it was before a merge."})
    created_at = fields.DateTime(required=True)
    set_by = fields.String(required=True, allow_none=True, metadata={"description": "Staff number; null: a machine."})
    removed_at = fields.DateTime(required=True, allow_none=True)
    removed_by = fields.String(required=True, allow_none=True)


class TagsOut(Out):
    items = fields.List(fields.Nested(TagOut), required=True)


class DuplicatesIn(PageIn):
    limit = fields.Integer(
        load_default=20,
        validate=validate.Range(1, MAX_GROUPS),
        metadata={"description": f"Groups per page, 1 to {MAX_GROUPS}."},
    )


class DuplicateOut(Out):
    id = fields.String(required=True, metadata={"description": "Of the group; says nothing of the telephone."})
    same_name = fields.Boolean(required=True, metadata={"description": "All of them have the same name, or none."})
    customers = fields.List(fields.Nested(CustomerOut), required=True)


DuplicatePageOut = paged(DuplicateOut)


class MergeIn(In):
    other_id = fields.UUID(required=True, metadata={"description": "Who becomes the customer of the path."})
    reason = fields.String(required=True, validate=validate.OneOf(REASONS))


class BindingMovedOut(Out):
    ended = fields.UUID(metadata={"description": "The other's binding, which ended."})
    begun = fields.UUID(metadata={"description": "What took its place, if the survivor had no guide."})


class MovedOut(Out):
    identities = fields.List(fields.UUID(), required=True)
    tags = fields.Integer(required=True)
    bindings = fields.Nested(BindingMovedOut, required=True)
    quiet_hours = fields.Boolean(required=True)
    profile_fields = fields.List(fields.String(validate=validate.OneOf(PROFILE_FIELDS)), required=True)
    member_no = fields.Boolean(required=True)
    merged_before = fields.List(
        fields.UUID(), required=True, metadata={"description": "Who had been merged into the other before."}
    )


class MergeOut(Out):
    id = fields.UUID(required=True)
    survivor_id = fields.UUID(required=True)
    loser_id = fields.UUID(required=True)
    merged_by = fields.String(required=True, allow_none=True, metadata={"description": "Staff number."})
    reason = fields.String(required=True, validate=validate.OneOf(REASONS))
    moved = fields.Nested(MovedOut, required=True)
    merged_at = fields.DateTime(required=True)


class MergesOut(Out):
    items = fields.List(fields.Nested(MergeOut), required=True)
