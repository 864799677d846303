"""What the routes of placements take and give."""

from typing import Any

from marshmallow import fields

from kit.codes import MAX_CODE
from kit.web import validate
from kit.web.io import In, Out, code_field, text_field
from kit.web.problems import carries
from staff.rules.placements import EMPLOYMENTS, END_REASONS, FULL_TIME_BP, ROLES
from staff.service.appointments import PlacementsOverlap

MAX_REASON = 500
KINDS = ("home", "cover")


def placed_role_field(**options: Any) -> fields.String:
    """What somebody does in a store."""
    return fields.String(validate=validate.OneOf(ROLES), metadata={"example": "guide"}, **options)


def _employment(**options: Any) -> fields.String:
    return fields.String(validate=validate.OneOf(EMPLOYMENTS), metadata={"example": "full_time"}, **options)


def _fte_bp(**options: Any) -> fields.Integer:
    metadata = {"description": "In basis points of full time.", "example": FULL_TIME_BP}
    return fields.Integer(strict=True, validate=validate.Range(1, FULL_TIME_BP), metadata=metadata, **options)


def _grade(**options: Any) -> fields.String:
    return text_field(MAX_CODE, allow_none=True, metadata={"example": "senior"}, **options)


def _reason() -> fields.String:
    said = "Why; required for what changes days that are over."
    return text_field(MAX_REASON, load_default=None, allow_none=True, metadata={"description": said})


def _last_day(**options: Any) -> fields.Date:
    metadata = {"description": "Included; null: until they are placed elsewhere, or leave."}
    return fields.Date(allow_none=True, metadata=metadata, **options)


class PlacementIn(In):
    id = fields.UUID(required=True, metadata={"description": "Chosen by the client: the same again makes no second."})
    store_code = code_field(MAX_CODE, required=True, metadata={"example": "SH01"})
    role = placed_role_field(required=True)
    grade = _grade(load_default=None)
    employment = _employment(load_default="full_time")
    fte_bp = _fte_bp(load_default=FULL_TIME_BP)
    first_day = fields.Date(required=True)
    last_day = _last_day(load_default=None)
    reason = _reason()


class PlacementPatch(In):
    store_code = code_field(MAX_CODE)
    role = placed_role_field()
    grade = _grade()
    employment = _employment()
    fte_bp = _fte_bp()
    first_day = fields.Date()
    last_day = _last_day()
    reason = _reason()


class PlacementEndIn(In):
    last_day = fields.Date(required=True, metadata={"description": "Included."})
    end_reason = fields.String(
        required=True,
        validate=validate.OneOf(END_REASONS),
        metadata={"description": "`left`: the chain; then all their work ends that day.", "example": "ended"},
    )
    reason = _reason()


class PlacementOut(Out):
    id = fields.UUID(required=True)
    staff_id = fields.UUID(required=True)
    staff_no = fields.String(required=True)
    staff_name = fields.String(required=True)
    store_id = fields.UUID(required=True)
    store_code = fields.String(required=True)
    store_name = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    role = placed_role_field(required=True)
    grade = fields.String(required=True, allow_none=True)
    employment = _employment(required=True)
    fte_bp = fields.Integer(required=True)
    first_day = fields.Date(required=True)
    last_day = fields.Date(required=True, allow_none=True)
    end_reason = fields.String(required=True, allow_none=True, validate=validate.OneOf(END_REASONS))
    reason = fields.String(required=True, allow_none=True)
    version = fields.Integer(required=True, metadata={"description": "The ETag."})


class PlacementsOut(Out):
    items = fields.List(fields.Nested(PlacementOut), required=True)


carries(PlacementsOverlap, placement_id=fields.UUID(required=True))
