"""Whether a content may be forwarded here and now, and if not, every reason why."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from content_center.rules.kinds import by_kind, shows_nothing
from kit.words import Said, say

Reason = dict[str, Any]
REASONS = (
    "content_withdrawn",
    "content_not_published",
    "content_not_yet_valid",
    "content_expired",
    "outside_audience",
    "nothing_to_show",
    "product_not_sellable",
)
CLOCK_SKEW = timedelta(minutes=5)
# A phone without a network keeps its taps; what it tells of an older one is a clock that is wrong.
OLDEST_TAP = timedelta(days=7)


def is_plausible_tap(at: datetime, *, now: datetime) -> bool:
    """Whether somebody can have tapped at `at`: within seven days, and not in the future."""
    return now - OLDEST_TAP <= at <= now + CLOCK_SKEW


def why_not_forwardable(
    content: Mapping[str, Any], cards: Iterable[Mapping[str, Any]], *, in_audience: bool, now: datetime
) -> list[Reason]:
    """Every reason against forwarding, with its code; an empty list means it may be forwarded.

    `content` carries kind, state, valid_from, valid_until and assets that are left; `cards` say what is sellable.
    """
    reasons: list[Reason] = []
    if content["state"] == "withdrawn":
        reasons.append(_reason(say("content_withdrawn")))
    elif content["state"] != "published":
        reasons.append(_reason(say("content_not_published")))
    if now < content["valid_from"]:
        reasons.append(_reason(say("content_not_yet_valid")))
    if content["valid_until"] is not None and now >= content["valid_until"]:
        reasons.append(_reason(say("content_expired")))
    if not in_audience:
        reasons.append(_reason(say("outside_audience")))
    pictures, films = by_kind([asset["video_key"] for asset in content["assets"]])
    if shows_nothing(content["kind"], pictures=pictures, films=films):
        reasons.append(_reason(say("nothing_to_show")))
    return reasons + [_not_sellable(card) for card in cards if not card["sellable"]]


def _reason(said: Said) -> Reason:
    return {"code": said.code, "detail": said}


def _not_sellable(card: Mapping[str, Any]) -> Reason:
    return {
        **_reason(say("product_not_sellable", title=card["title"])),
        "product_id": card["id"],
        "shelf_status": card["shelf_status"],
        "blocked_by": card["blocked_by"],
    }
