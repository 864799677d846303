"""Forwards as the app gets them: everything that is shared, with addresses, and amounts for clients."""

from collections.abc import Mapping, Sequence
from typing import Any

from catalog.present import product_card
from content_center import links
from content_center.rules import wechat, wecom
from content_center.rules.kinds import PICTURES
from content_center.rules.texts import name_customer
from kit.links import file_url, public_url, thumbnail_url

Row = dict[str, Any]
NOTHING_SHARED: Row = {
    "text": None, "share_url": None, "poster_url": None, "poster_thumbnail_url": None,
    "mini_program": None, "wecom": None, "wechat": None, "products": [], "pictures": [], "video": None,
}  # fmt: skip
# Of a row, what no answer shows.
INTERNAL = ("token", "shown", "assets", "kind", "customer_name", "external_user_ids", "content_version_id")


def as_shared(row: Row) -> Row:
    """A forward's row as everything that the app shares.

    The customer is addressed by `customer_name`, where the row has one. Of content that was taken down nothing is left
    but that it was shared.
    """
    shown = row["shown"]
    answer = {name: value for name, value in row.items() if name not in INTERNAL} | {"guide_name": shown["guide_name"]}
    if row.get("hidden_reason") is not None:
        return {**answer, **NOTHING_SHARED}
    token = row["token"]
    answer |= {
        "text": name_customer(row["text"], row.get("customer_name"), language=shown["language"]),
        "share_url": links.share_url(token),
        "poster_url": links.poster_url(token),
        "poster_thumbnail_url": links.poster_thumbnail_url(token),
        "mini_program": links.mini_program(token),
        "products": [product_card(product, "id", "title", "brand") for product in shown["products"]],
        "pictures": [_picture(asset) for asset in row["assets"] if asset["video_key"] is None],
        "video": next((_video(asset) for asset in row["assets"] if asset["video_key"] is not None), None),
    }
    return {**answer, "wecom": _wecom(answer, row), "wechat": _wechat(answer, row)}


def _picture(asset: Mapping[str, Any]) -> Row:
    return {
        "url": file_url(asset["storage_key"]),
        "page_url": file_url(asset["page_key"]),
        "thumbnail_url": thumbnail_url(asset["storage_key"]),
        "width": asset["width"],
        "height": asset["height"],
    }


def _video(asset: Mapping[str, Any]) -> Row:
    return {
        "url": file_url(asset["video_key"]),
        "bytes": asset["video_bytes"],
        "duration_ms": asset["duration_ms"],
        "poster_url": file_url(asset["page_key"]),
        "thumbnail_url": thumbnail_url(asset["storage_key"]),
    }


def _cover(answer: Row) -> str:
    """The address of what a card shows: the content's own picture, else the first product's, else the poster."""
    film = [answer["video"]["poster_url"]] if answer["video"] else []
    own = [picture["page_url"] for picture in answer["pictures"]]
    sold = [product["image_url"] for product in answer["products"] if product["image_url"]]
    return public_url(next(iter((*film, *own, *sold)), answer["poster_url"]))


def _link(answer: Row, row: Row) -> dict[str, str]:
    shown = row["shown"]
    return {
        "title": answer["title"],
        "description": f"{shown['guide_name']} · {shown['store_name']}",
        "url": answer["share_url"],
        # Messengers fetch it from outside.
        "picture": _cover(answer),
    }


def _wecom(answer: Row, row: Row) -> Row | None:
    pictures: Sequence[str] = [public_url(picture["page_url"]) for picture in answer["pictures"]]
    message = wecom.Message(
        text=answer["text"],
        link=_link(answer, row),
        mini_program=answer["mini_program"],
        pictures=pictures if row["kind"] == PICTURES else (),
        poster=public_url(answer["poster_url"]),
    )
    payload = wecom.payload(message, channel=row["channel"])
    return payload and {**payload, **wecom.receivers(row["channel"], row["target"], row.get("external_user_ids", ()))}


def _wechat(answer: Row, row: Row) -> Row | None:
    if row["channel"] != wechat.CHANNEL:
        return None
    return wechat.card(_link(answer, row), mini_program=answer["mini_program"])
