"""What the follow-up routes take and give."""

from typing import Any

from marshmallow import fields, validates_schema

from kit.web import validate
from kit.web.io import In, Out, paged, text_field
from kit.web.paging import PageIn
from kit.web.validate import unfit
from kit.words import say
from models.clienteling import FOLLOW_UP_CHANNELS, FOLLOW_UP_OUTCOMES

MAX_NOTE = 2000
CORRECTS = {"description": "The follow-up of mine that this one stands for."}


class FollowUpIn(In):
    id = fields.UUID(required=True, metadata={"description": "Chosen by the app, so that a repeated tap is harmless."})
    customer_id = fields.UUID(required=True)
    at = fields.AwareDateTime(required=True, metadata={"description": "When it was done."})
    channel = fields.String(required=True, validate=validate.OneOf(FOLLOW_UP_CHANNELS))
    outcome = fields.String(required=True, validate=validate.OneOf(FOLLOW_UP_OUTCOMES))
    note = text_field(MAX_NOTE, load_default=None, allow_none=True, metadata={"description": "Sealed at rest."})
    next_on = fields.Date(load_default=None, allow_none=True, metadata={"description": "When to see to them next."})
    corrects_id = fields.UUID(load_default=None, allow_none=True, metadata=CORRECTS)


class FollowUpOut(Out):
    id = fields.UUID(required=True)
    customer_id = fields.UUID(required=True, metadata={"description": "The person; who was merged is who they became."})
    customer_name = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Masked; null: none is known, or they are out of your sight.", "example": "张*"},
    )
    guide_id = fields.UUID(required=True)
    guide_name = fields.String(required=True)
    store_id = fields.UUID(required=True)
    at = fields.DateTime(required=True)
    channel = fields.String(required=True, validate=validate.OneOf(FOLLOW_UP_CHANNELS))
    outcome = fields.String(required=True, validate=validate.OneOf(FOLLOW_UP_OUTCOMES))
    note = fields.String(required=True, allow_none=True)
    note_masked = fields.Boolean(
        required=True, metadata={"description": "There is a note, but the customer is out of your sight."}
    )
    next_on = fields.Date(required=True, allow_none=True)
    corrects_id = fields.UUID(required=True, allow_none=True, metadata=CORRECTS)
    corrected = fields.Boolean(required=True, metadata={"description": "A later one stands for this one."})
    created_at = fields.DateTime(required=True)


class FollowUpListIn(PageIn):
    due = fields.Date(
        metadata={"description": "Only what is to be done next by this day, the oldest date first."}, load_default=None
    )
    customer_id = fields.UUID(
        load_default=None, metadata={"description": "What anyone did for this customer in sight."}
    )

    @validates_schema
    def check_one(self, data: dict[str, Any], **_: Any) -> None:
        if data.get("due") is not None and data.get("customer_id") is not None:
            raise unfit(say("exactly_one", names=["due", "customer_id"]), "customer_id")


FollowUpPageOut = paged(FollowUpOut)
