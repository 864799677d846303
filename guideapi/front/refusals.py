"""What the front refuses by itself, in the shape of all refusals (RFC 9457)."""

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

import orjson

from guideapi.front.environ import Environ
from guideapi.front.pace import SLOWEST_BYTES_PER_SECOND, WHOLE_SECONDS
from kit.ids import new_id
from kit.web.language import TAGS, choose_by_header
from kit.words import Said, say, spell, title_of

RETRY_AFTER_SECONDS = 5


class Refusal(NamedTuple):
    """A status and what to say; docs/reference/codes.md lists the codes."""

    status: int
    said: Said

    @property
    def code(self) -> str:
        return self.said.code


BODY_TOO_SLOW = Refusal(408, say("body_too_slow", seconds=WHOLE_SECONDS, bytes=SLOWEST_BYTES_PER_SECOND))
TOO_MANY_LONG_BODIES = Refusal(503, say("too_many_uploads"))
TOO_MANY_REPORTS = Refusal(503, say("too_many_reports"))
NO_ROOM = Refusal(503, say("no_room_for_body"))


async def refuse(send: Callable[[Any], Awaitable[None]], refusal: Refusal, environ: Environ) -> None:
    """Answer so and hang up: what is left of the body is not waited for."""
    language = choose_by_header(environ.get("HTTP_ACCEPT_LANGUAGE", ""))
    problem = {
        "type": "about:blank",
        "title": spell(title_of(refusal.code), language),
        "status": refusal.status,
        "detail": spell(refusal.said, language),
        "code": refusal.code,
        "request_id": str(new_id()),
    }
    body = orjson.dumps(problem)
    headers = [
        (b"content-type", b"application/problem+json"),
        (b"content-language", TAGS[language].encode()),
        (b"vary", b"Accept-Language"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        (b"connection", b"close"),
    ]
    if refusal.status == 503:
        headers.append((b"retry-after", str(RETRY_AFTER_SECONDS).encode()))
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
