"""Which touches count: what people do, once each; not machines, not the guide, not the same person again."""

from datetime import timedelta

from content_center.rules.agents import is_machine

TOUCH_KINDS = ("open", "dwell", "click", "declined")
# What shows that a person looks: the viewer's cookie came back, a channel said who it is, the page's picture was
# fetched, its script reported, a button was pressed.
SIGNS = ("cookie", "channel", "picture", "beacon", "form")
# Why a touch does not count.
EXCLUSIONS = (
    "own", "staff", "head", "no_agent", "crawler", "prefetch", "too_fast", "no_human_sign", "no_open", "repeated",
    "same_device",
)  # fmt: skip
# Messengers fetch a link the moment it is pasted; nobody has read the message by then.
SOONEST_HUMAN = timedelta(seconds=2)


def why_not_human(*, agent: str, method: str, prefetch: bool, age: timedelta, owner: bool, staff: bool) -> str | None:
    """The reason to keep a touch and never count it, or None; `age` is the time since the forward."""
    if owner:
        return "own"
    if staff:
        return "staff"
    if method == "HEAD":
        return "head"
    if not agent:
        return "no_agent"
    if is_machine(agent):
        return "crawler"
    if prefetch:
        return "prefetch"
    return "too_fast" if age < SOONEST_HUMAN else None
