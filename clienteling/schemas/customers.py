"""What the list of customers takes and gives."""

from typing import Any

from marshmallow import fields, validates_schema

from clienteling.queries.customers import GOODS_SHOWN, SORTS
from clienteling.schemas.segments import ALL_STAGES
from customers.rules.contacts import REASONS
from customers.rules.search import MAX_TYPED, is_telephone
from customers.schemas.profiles import MAX_CODE, CustomerOut
from kit.web import validate
from kit.web.io import Out, money_field, paged, text_field
from kit.web.paging import PageIn
from kit.web.validate import unfit
from kit.words import say
from models.clienteling import FOLLOW_UP_CHANNELS, FOLLOW_UP_OUTCOMES
from models.contact import CONTACT_CHANNELS

BOUND = "For searching, sorting and counting there may be 5,000 at most of whom the rest of the question finds."


class CustomersIn(PageIn):
    q = text_field(
        MAX_TYPED,
        load_default=None,
        metadata={
            "description": "Part of the name, its pinyin or initials, the last four digits or more of a telephone, a "
            f"member number or part of it, part of a tag. {BOUND}",
            "example": "wxm",
        },
    )
    sort = fields.String(
        load_default="newest",
        validate=validate.OneOf(SORTS),
        metadata={"description": "The latest first, of next steps the soonest; who has none comes last."},
    )
    mine = fields.Boolean(load_default=False, metadata={"description": "Only those bound to me; guides see no others."})
    guide_id = fields.UUID(load_default=None, metadata={"description": "Bound to this guide."})
    store_id = fields.UUID(load_default=None, metadata={"description": "Of this store, or bound to its guides."})
    tag = text_field(MAX_CODE, load_default=None, metadata={"description": "With exactly this tag."})

    @validates_schema
    def check_telephone(self, data: dict[str, Any], **_: Any) -> None:
        if data.get("q") is not None and is_telephone(data["q"]):
            raise unfit(say("whole_telephone"), "q")


class LastOrderOut(Out):
    """What they bought last."""

    id = fields.UUID(required=True)
    at = fields.DateTime(required=True)
    store_name = fields.String(required=True)
    net = money_field("Net sales.")
    goods = fields.List(
        fields.String(), required=True, metadata={"description": f"The first {GOODS_SHOWN}.", "example": ["山茶花精华"]}
    )
    lines = fields.Integer(required=True, metadata={"description": "How many kinds of goods in all."})


class LastContactOut(Out):
    """The last message that was sent to them, or what somebody did for them after that."""

    at = fields.DateTime(required=True)
    channel = fields.String(required=True, validate=validate.OneOf(FOLLOW_UP_CHANNELS))
    guide_name = fields.String(required=True)


class NextStepOut(Out):
    """When to see to them next, as the newest follow-up says."""

    follow_up_id = fields.UUID(required=True)
    next_on = fields.Date(required=True)
    outcome = fields.String(required=True, validate=validate.OneOf(FOLLOW_UP_OUTCOMES))


class ContactStateOut(Out):
    """A channel: what the customer said about it, and whether I may write to them through it now."""

    channel = fields.String(required=True, validate=validate.OneOf(CONTACT_CHANNELS))
    consent = fields.Boolean(
        required=True, allow_none=True, metadata={"description": "Null: they never said anything about it."}
    )
    may_write = fields.Boolean(required=True)
    reasons = fields.List(fields.String(validate=validate.OneOf(REASONS)), required=True)
    next_allowed_at = fields.DateTime(
        required=True, allow_none=True, metadata={"description": "Null where waiting does not help."}
    )


class ListedCustomerOut(CustomerOut):
    """A customer, what came last and what comes next."""

    stage = fields.String(required=True, validate=validate.OneOf(ALL_STAGES))
    last_order = fields.Nested(LastOrderOut, required=True, allow_none=True)
    last_contact = fields.Nested(LastContactOut, required=True, allow_none=True)
    next_step = fields.Nested(NextStepOut, required=True, allow_none=True)
    channels = fields.List(fields.Nested(ContactStateOut), required=True)
    may_write = fields.Boolean(required=True, metadata={"description": "Through one of the channels, now."})


CustomerListOut = paged(ListedCustomerOut)
