"""Items of batches that the customers room takes, once they are read."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class TransferItem:
    """One customer who is to go over to another guide."""

    customer_id: UUID
    to_guide_id: UUID
    reason: str
