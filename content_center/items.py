"""Items of batches that the content center takes, once they are read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class ForwardItem:
    """One tap from an offline queue."""

    id: UUID
    content_id: UUID
    channel: str
    target: Mapping[str, Any]
    language: str
    captured_at: datetime | None
