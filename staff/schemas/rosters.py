"""What the routes of rosters take and give."""

from marshmallow import fields

from kit.web import validate
from kit.web.io import Out, QueryIn
from staff.rules.roster import PRESENCES, ROSTERS
from staff.schemas.placements import placed_role_field

MAX_DAYS = 42


class RosterIn(QueryIn):
    first = fields.Date(load_default=None, data_key="from", metadata={"description": "By default today, there."})
    last = fields.Date(
        load_default=None,
        data_key="to",
        metadata={"description": f"Included; by default the first day. At most {MAX_DAYS} days."},
    )


class PersonDayOut(Out):
    staff_id = fields.UUID(required=True)
    staff_no = fields.String(required=True)
    name = fields.String(required=True)
    roles = fields.List(placed_role_field(), required=True, metadata={"description": "Here, that day."})
    is_cover = fields.Boolean(required=True)
    kind = fields.String(
        required=True,
        allow_none=True,
        validate=validate.OneOf((*PRESENCES, None)),
        metadata={
            "description": "`lent`: covers in another store; `unplanned`: not in the roster of that day. Why others are"
            " away is told to managers and headquarters only."
        },
    )
    is_present = fields.Boolean(required=True, metadata={"description": "At work here."})
    minutes = fields.Integer(
        required=True,
        metadata={"description": "To be worked or trained; without a roster the store's normal minutes × `fte_bp`."},
    )


class RosterDayOut(Out):
    day = fields.Date(required=True)
    roster = fields.String(
        required=True,
        validate=validate.OneOf(ROSTERS),
        metadata={
            "description": "`full`: it says who is in; `none`: who is placed here counts as present; `absences`: so do"
            " they, but for those who are known to be away."
        },
    )
    items = fields.List(fields.Nested(PersonDayOut), required=True)


class RosterOut(Out):
    store_id = fields.UUID(required=True)
    days = fields.List(fields.Nested(RosterDayOut), required=True)
