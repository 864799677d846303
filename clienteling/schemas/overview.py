"""What the screen of one customer shows."""

from marshmallow import fields

from clienteling.schemas.follow_ups import FollowUpOut
from clienteling.schemas.timeline import TimelinePageOut
from customers.schemas.contact import ConsentOut, QuietHoursOut
from customers.schemas.profiles import CustomerOut
from kit.web.io import Out


class CustomerOverviewOut(Out):
    """What `/v1/customers/{customer_id}` and the routes below it show, together."""

    customer = fields.Nested(CustomerOut, required=True)
    consents = fields.List(fields.Nested(ConsentOut), required=True, metadata={"description": "What holds now."})
    quiet_hours = fields.Nested(QuietHoursOut, required=True)
    next_step = fields.Nested(
        FollowUpOut,
        required=True,
        allow_none=True,
        metadata={"description": "The newest follow-up, if it has a next date."},
    )
    follow_ups = fields.List(fields.Nested(FollowUpOut), required=True, metadata={"description": "The newest 20."})
    timeline = fields.Nested(
        TimelinePageOut, required=True, metadata={"description": "The newest 20; more with its cursor at `…/timeline`."}
    )
