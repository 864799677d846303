"""What WeCom's clients take when a guide shares, within the limits that WeCom's documentation states."""

from collections.abc import Mapping
from typing import Any

# Channel -> the call of WeCom's JS-SDK, and how many characters its text may have.
CALLS = {
    "wecom_chat": ("shareToExternalContact", 4000),
    "wecom_group": ("shareToExternalChat", 4000),
    "wecom_moments": ("shareToExternalMoments", 2000),
}
MOMENTS = "wecom_moments"
TITLE_BYTES = 64
DESCRIPTION_BYTES = 512

Link = Mapping[str, str]


def payload(*, channel: str, text: str, link: Link, mini_program: Link | None) -> dict[str, Any] | None:
    """What to call with which arguments, or None for a channel that is not WeCom's.

    `link` has title, description, url and picture; a `mini_program` (app_id, path) takes its place, except in moments,
    which know none.
    """
    if channel not in CALLS:
        return None
    call, characters = CALLS[channel]
    attachment = _link(link) if mini_program is None or channel == MOMENTS else _card(link, mini_program)
    return {"call": call, "text": {"content": _shortened(text, characters)}, "attachments": [attachment]}


def clipped(text: str, max_bytes: int) -> str:
    """The text in at most so many bytes of UTF-8, whole characters only; an ellipsis says that something is missing."""
    if len(text.encode()) <= max_bytes:
        return text
    return text.encode()[: max_bytes - len("…".encode())].decode(errors="ignore") + "…"


def _shortened(text: str, characters: int) -> str:
    return text if len(text) <= characters else text[: characters - 1] + "…"


def _link(link: Link) -> dict[str, Any]:
    return {
        "msgtype": "link",
        "link": {
            "title": clipped(link["title"], TITLE_BYTES),
            "desc": clipped(link["description"], DESCRIPTION_BYTES),
            "url": link["url"],
            "imgUrl": link["picture"],
        },
    }


def _card(link: Link, mini_program: Link) -> dict[str, Any]:
    return {
        "msgtype": "miniprogram",
        "miniprogram": {
            "appid": mini_program["app_id"],
            "page": mini_program["path"],
            "title": clipped(link["title"], TITLE_BYTES),
            "imgUrl": link["picture"],
        },
    }
