"""What the front refuses by itself, in the shape of all refusals (RFC 9457)."""

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

import orjson

from guideapi.front.pace import SLOWEST_BYTES_PER_SECOND, WHOLE_SECONDS
from kit.ids import new_id

RETRY_AFTER_SECONDS = 5


class Refusal(NamedTuple):
    """A status and what to say; docs/reference/codes.md lists the codes."""

    status: int
    code: str
    title: str
    detail: str


BODY_TOO_SLOW = Refusal(
    408,
    "body_too_slow",
    "The body came too slowly",
    f"A body of up to 1 MiB must be there within {WHOLE_SECONDS} s, a longer one must then come at "
    f"{SLOWEST_BYTES_PER_SECOND} bytes a second at least.",
)
TOO_MANY_LONG_BODIES = Refusal(
    503,
    "too_many_uploads",
    "Too many uploads at once",
    "Other long bodies are being received; try again later.",
)
TOO_MANY_REPORTS = Refusal(
    503,
    "too_many_reports",
    "Too many reports at once",
    "Other sums over much are being computed, and more wait; try again later, or ask for less.",
)
NO_ROOM = Refusal(503, "no_room_for_body", "The body could not be kept", "There is no room for it now; try later.")


async def refuse(send: Callable[[Any], Awaitable[None]], refusal: Refusal) -> None:
    """Answer so and hang up: what is left of the body is not waited for."""
    problem = {"type": "about:blank", **refusal._asdict(), "request_id": str(new_id())}
    body = orjson.dumps(problem)
    headers = [
        (b"content-type", b"application/problem+json"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        (b"connection", b"close"),
    ]
    if refusal.status == 503:
        headers.append((b"retry-after", str(RETRY_AFTER_SECONDS).encode()))
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
