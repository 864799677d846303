"""Items of batches that the content center takes."""

from typing import Any, Literal
from uuid import UUID

import msgspec

from kit.web.batch import Item


class TargetItem(Item, frozen=True):
    """At whom an offline tap aimed."""

    kind: Literal["none", "group", "customers"] = "none"
    group_id: str | None = None
    customer_ids: list[UUID] | None = None

    def __post_init__(self) -> None:
        if (self.customer_ids is not None) != (self.kind == "customers") or self.customer_ids == []:
            raise ValueError("exactly the kind `customers` needs customer_ids")
        if self.group_id is not None and self.kind != "group":
            raise ValueError("only the kind `group` has a group_id")

    def as_stored(self) -> dict[str, Any]:
        """As a single tap is stored, so that the same tap by either way is the same."""
        stored: dict[str, Any] = {"kind": self.kind}
        if self.group_id is not None:
            stored["group_id"] = self.group_id
        if self.customer_ids is not None:
            stored["customer_ids"] = sorted({str(id_) for id_ in self.customer_ids})
        return stored


class ForwardItem(Item, frozen=True):
    """One tap from an offline queue."""

    name_field = "id"

    id: UUID
    content_id: UUID
    channel: Literal["wecom_chat", "wecom_moments", "wecom_group", "wechat", "link", "poster"]
    target: TargetItem = msgspec.field(default_factory=TargetItem)
    language: Literal["zh", "en"] = "zh"
