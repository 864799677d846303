"""What counters at doors send: the people of one hour, in a batch."""

from datetime import date
from typing import Annotated, ClassVar

import msgspec
from msgspec import Meta

from catalog.items import digest
from kit.codes import fold_code
from kit.web.batch import Item
from orders.incoming import Version

MAX_VISITORS = 1_000_000


class FootfallItem(Item, frozen=True):
    """How many people came into a store in an hour of its own clock, as its source now knows it."""

    name_field: ClassVar[str] = "store"

    store: Annotated[str, Meta(min_length=1, max_length=64, description="The store's code.")]
    day: Annotated[date, Meta(description="Of the store's own calendar.", examples=["2026-11-21"])]
    hour: Annotated[int, Meta(ge=0, le=23, description="Of the store's clock: 14 is from 14:00 to 15:00.")]
    count: Annotated[int, Meta(ge=0, le=MAX_VISITORS, description="People who came in.")]
    version: Version

    @property
    def external_id(self) -> str:
        """The name in outcomes: the store as it is compared, the day and the hour."""
        return f"{fold_code(self.store)} {self.day.isoformat()} {self.hour:02}"


def content_digest(item: FootfallItem) -> int:
    """What an item says of its hour apart from the version."""
    return count_digest(item.count)


def count_digest(count: int) -> int:
    """The same of what is held."""
    return digest(msgspec.json.encode(count))
