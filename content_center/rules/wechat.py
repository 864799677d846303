"""The card that the app hands to WeChat's Open SDK, within the limits that its documentation states."""

from collections.abc import Mapping
from typing import Any

from content_center.rules.wecom import clipped

CHANNEL = "wechat"
# Of WXMediaMessage.
TITLE_BYTES = 512
DESCRIPTION_BYTES = 1024


def card(link: Mapping[str, str], *, mini_program: Mapping[str, str] | None) -> dict[str, Any]:
    """A card of the tracked link; of the chain's mini-program where it has one, with the link for old clients."""
    return {
        "kind": "webpage" if mini_program is None else "mini_program",
        "title": clipped(link["title"], TITLE_BYTES),
        "description": clipped(link["description"], DESCRIPTION_BYTES),
        "webpage_url": link["url"],
        "picture_url": link["picture"],
        "mini_program": mini_program,
    }
