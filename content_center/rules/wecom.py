"""What WeCom's clients take when a guide shares, within the limits that WeCom's documentation states."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# Channel -> the call of WeCom's JS-SDK, and how many characters its text may have.
CALLS = {
    "wecom_chat": ("shareToExternalContact", 4000),
    "wecom_group": ("shareToExternalChat", 4000),
    "wecom_moments": ("shareToExternalMoments", 2000),
}
CHAT, GROUP, MOMENTS = "wecom_chat", "wecom_group", "wecom_moments"
TITLE_BYTES = 64
DESCRIPTION_BYTES = 512

# A message in a chat takes so many attachments, a moment so many pictures or one link.
MOST_ATTACHMENTS = 9

Link = Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Message:
    """What is sent: `link` has title, description, url and picture; `pictures` and `poster` are addresses.

    A `mini_program` (app_id, path) takes the link's place, except in moments, which know none.
    """

    text: str
    link: Link
    mini_program: Link | None
    pictures: Sequence[str] = ()
    poster: str


def payload(message: Message, *, channel: str) -> dict[str, Any] | None:
    """What to call with which arguments, or None for a channel that is not WeCom's.

    Pictures come with the card of the link; in moments, which take either, with the poster, whose code is the link.
    """
    if channel not in CALLS:
        return None
    call, characters = CALLS[channel]
    attachments = _in_moments(message) if channel == MOMENTS else _in_chats(message)
    return {"call": call, "text": {"content": _shortened(message.text, characters)}, "attachments": attachments}


def receivers(channel: str, target: Mapping[str, Any], external_user_ids: Iterable[str]) -> dict[str, list[str]]:
    """Whom the call is told to write to: customers whom WeCom knows, or the group; nobody for the rest."""
    if channel == CHAT and target["kind"] == "customers":
        return {"externalUserIds": list(external_user_ids)}
    if channel == GROUP and target.get("group_id"):
        return {"chatIds": [target["group_id"]]}
    return {}


def _in_chats(message: Message) -> list[dict[str, Any]]:
    card = _link(message.link) if message.mini_program is None else _card(message.link, message.mini_program)
    return [*map(_image, message.pictures[: MOST_ATTACHMENTS - 1]), card]


def _in_moments(message: Message) -> list[dict[str, Any]]:
    if not message.pictures:
        return [_link(message.link)]
    return [_image(url) for url in (*message.pictures[: MOST_ATTACHMENTS - 1], message.poster)]


def _image(url: str) -> dict[str, Any]:
    return {"msgtype": "image", "image": {"imgUrl": url}}


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
