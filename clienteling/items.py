"""Items of batches that the clienteling room takes."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from kit.web.batch import Item

MAX_NOTE = 2000


class FollowUpItem(Item, frozen=True):
    """What a guide did for a customer."""

    name_field = "id"

    id: UUID
    customer_id: UUID
    at: Annotated[datetime, Meta(tz=True)]
    channel: Literal["wecom", "wechat", "call", "sms", "email", "store", "other"]
    outcome: Literal[
        "reached",
        "no_answer",
        "interested",
        "not_interested",
        "appointment",
        "bought",
        "complained",
        "wrong_contact",
    ]
    note: Annotated[str, Meta(min_length=1, max_length=MAX_NOTE)] | None = None
    next_on: date | None = None
    corrects_id: UUID | None = None
