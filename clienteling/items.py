"""Items of batches that the clienteling room takes, once they are read."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class FollowUpItem:
    """What a guide did for a customer."""

    id: UUID
    customer_id: UUID
    at: datetime
    channel: str
    outcome: str
    note: str | None = None
    next_on: date | None = None
    corrects_id: UUID | None = None
