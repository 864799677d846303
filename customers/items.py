"""Items of batches that the customers room takes."""

from typing import Annotated
from uuid import UUID

import msgspec

from kit.web.batch import Item


class TransferItem(Item, frozen=True):
    """One customer who is to go over to another guide."""

    name_field = "customer_id"

    customer_id: UUID
    to_guide_id: UUID
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
