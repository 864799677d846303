"""What the listing of corrections takes and gives."""

from marshmallow import fields

from kit.web import validate
from kit.web.io import Out, paged
from kit.web.paging import PageIn
from models.commissions_periods import CLOSED_STATES
from staff.rules.placements import EMPLOYMENTS, ROLES


class CorrectionsIn(PageIn):
    first = fields.Date(load_default=None, data_key="from", metadata={"description": "Of the days that it changes."})
    last = fields.Date(load_default=None, data_key="to", metadata={"description": "Included."})


class TermsOut(Out):
    store_id = fields.UUID(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(("home", "cover")))
    role = fields.String(required=True, validate=validate.OneOf(ROLES))
    grade = fields.String(required=True, allow_none=True)
    employment = fields.String(required=True, validate=validate.OneOf(EMPLOYMENTS))
    fte_bp = fields.Integer(required=True)


class CorrectionOut(Out):
    id = fields.Integer(required=True)
    placement_id = fields.UUID(required=True, metadata={"description": "It may be gone."})
    staff_id = fields.UUID(required=True)
    staff_no = fields.String(required=True)
    staff_name = fields.String(required=True)
    store_id = fields.UUID(required=True)
    store_code = fields.String(required=True)
    first_day = fields.Date(required=True, metadata={"description": "Of the days in the period that it changes."})
    last_day = fields.Date(required=True, metadata={"description": "Included."})
    before = fields.Nested(TermsOut, required=True, allow_none=True, metadata={"description": "Null: not there."})
    after = fields.Nested(TermsOut, required=True, allow_none=True, metadata={"description": "Null: not there."})
    reason = fields.String(required=True, allow_none=True)
    corrected_by = fields.UUID(required=True, allow_none=True, metadata={"description": "Null: no person."})
    corrected_by_no = fields.String(required=True, allow_none=True)
    corrected_at = fields.DateTime(required=True)
    period_id = fields.UUID(required=True)
    group_code = fields.String(required=True)
    period_first_day = fields.Date(required=True)
    period_last_day = fields.Date(required=True)
    state = fields.String(required=True, validate=validate.OneOf(CLOSED_STATES))


CorrectionPageOut = paged(CorrectionOut)
