"""Which touches count: people who look, once each; not machines, not the guide, not the same person again."""

import re
from datetime import timedelta

TOUCH_KINDS = ("open", "dwell", "click", "declined")
# Search engines, link previews of messengers, monitors, and plain HTTP libraries.
MACHINES = re.compile(
    r"bot\b|bot/|crawl|spider|slurp|preview|externalhit|facebookcatalog|whatsapp|skypeuripreview|embedly|vkshare|"
    r"bytespider|yisou|petal|sogou web|360spider|headless|phantomjs|lighthouse|pingdom|uptime|monitor|"
    r"^(curl|wget|python|httpx|aiohttp|okhttp|go-http-client|java|libwww|apache-httpclient|node|axios|ruby|php)\b",
    re.IGNORECASE,
)
# Messengers fetch a link the moment it is pasted; nobody has read the message by then.
SOONEST_HUMAN = timedelta(seconds=2)


def why_not_counted(
    *, agent: str, method: str, prefetch: bool, age: timedelta, owner: bool, staff: bool, known_viewer: bool, kind: str
) -> str | None:
    """The reason to keep a touch without counting it, or None; `age` is the time since the forward."""
    if owner:
        return "own"
    if staff:
        return "staff"
    if method == "HEAD":
        return "head"
    if not agent:
        return "no_agent"
    if MACHINES.search(agent):
        return "crawler"
    if prefetch:
        return "prefetch"
    if age < SOONEST_HUMAN:
        return "too_fast"
    return "no_open" if kind != "open" and not known_viewer else None
