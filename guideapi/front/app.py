"""The front: an ASGI application that runs a WSGI one in a few threads, and never while a client is waited for."""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any, TypeVar

from guideapi.front import refusals
from guideapi.front.answers import Answer, Wsgi
from guideapi.front.bodies import Body, BodyNotKept, BodyTooSlow, BodyWanted, ClientGone, Receive, ToCome, is_long
from guideapi.front.environ import Environ, environ_of
from guideapi.front.pace import LONG_BODIES, WHOLE_BYTES

Send = Callable[[Any], Awaitable[None]]
# Asked by those who decide whether we live: threads of their own, so that no other request is in their way.
HEALTH = frozenset({"/healthz", "/readyz", "/metrics"})
HEALTH_THREADS = 2
# Reports that wait for their turn, for each that runs: beyond, another is refused.
WAITING_FOR_EACH = 4
# uvicorn waits for the reader between writes, never within one.
WRITE_BYTES = 64 * 1024
T = TypeVar("T")
log = logging.getLogger(__name__)


class TooManyReports(Exception):
    """As many run and wait as may."""


class Front:
    """`app` behind the front, with so many threads of this process, and a few more for the paths of `reports`."""

    def __init__(self, app: Wsgi, *, threads: int, reports: re.Pattern[str], report_threads: int) -> None:
        self._app = app
        self._threads = ThreadPoolExecutor(threads, "request")
        self._reports = reports
        self._report_threads = ThreadPoolExecutor(report_threads, "report")
        self._report_places = asyncio.Semaphore(report_threads * (1 + WAITING_FOR_EACH))
        self._health_threads = ThreadPoolExecutor(HEALTH_THREADS, "health")
        self._long_bodies = asyncio.Semaphore(LONG_BODIES)

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """Answer one request."""
        environ = environ_of(scope)
        try:
            await self._answer(environ, receive, send)
        except TooManyReports:
            await refusals.refuse(send, refusals.TOO_MANY_REPORTS, environ)

    async def _answer(self, environ: Environ, receive: Receive, send: Send) -> None:
        if not _has_body(environ):
            await self._send(await self._ask(environ, BytesIO()), receive, send)
            return
        body = Body()
        try:
            await self._answer_with(body, environ, receive, send)
        except ClientGone:
            return
        except BodyTooSlow:
            await refusals.refuse(send, refusals.BODY_TOO_SLOW, environ)
        except BodyNotKept:
            log.exception("a body could not be kept")
            await refusals.refuse(send, refusals.NO_ROOM, environ)
        finally:
            body.close()

    async def _answer_with(self, body: Body, environ: Environ, receive: Receive, send: Send) -> None:
        length = environ.get("CONTENT_LENGTH")
        if not is_long(length and int(length)):
            await body.take_in(receive, max_bytes=WHOLE_BYTES, patient=False)
        if body.is_whole:
            answer = await self._ask_with(body, environ)
        else:
            try:
                # Whether it is wanted at all: by this caller, at that length.
                answer = await self._ask(environ.copy(), ToCome())
            except BodyWanted as wanted:
                await self._answer_with_long(body, wanted.max_bytes, environ, receive, send)
                return
        await self._send(answer, receive, send)

    async def _answer_with_long(
        self, body: Body, max_bytes: int | None, environ: Environ, receive: Receive, send: Send
    ) -> None:
        if self._long_bodies.locked():
            await refusals.refuse(send, refusals.TOO_MANY_LONG_BODIES, environ)
            return
        async with self._long_bodies:
            await body.take_in(receive, max_bytes=max_bytes, patient=True)
            answer = await self._ask_with(body, environ)
        await self._send(answer, receive, send)

    async def _ask_with(self, body: Body, environ: Environ) -> Answer:
        # Chunks are put together by now, and werkzeug takes a chunked body's length for unknown.
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        environ["CONTENT_LENGTH"] = str(body.length)
        return await self._ask(environ, body.rewound())

    async def _ask(self, environ: Environ, stream: Any) -> Answer:
        environ["wsgi.input"] = stream
        path = environ["PATH_INFO"]
        if not self._reports.fullmatch(path):
            return await self._ask_in(self._health_threads if path in HEALTH else self._threads, environ)
        if self._report_places.locked():
            raise TooManyReports
        # Held while it is computed, and not while somebody slow reads it.
        async with self._report_places:
            return await self._ask_in(self._report_threads, environ)

    async def _ask_in(self, threads: ThreadPoolExecutor, environ: Environ) -> Answer:
        return await asyncio.get_running_loop().run_in_executor(threads, Answer, self._app, environ)

    async def _send(self, answer: Answer, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
        if answer.is_whole and len(answer.piece) <= WRITE_BYTES:
            await send({"type": "http.response.body", "body": answer.piece})
            return
        gone = asyncio.ensure_future(_departure(receive))
        try:
            await self._send_pieces(answer, gone, send)
        finally:
            gone.cancel()
            if not answer.is_whole:
                await self._in_thread(answer.close)

    async def _send_pieces(self, answer: Answer, gone: asyncio.Future[None], send: Send) -> None:
        """None is fetched before the one before it is on its way."""
        while not gone.done():
            for start in range(0, len(answer.piece), WRITE_BYTES):
                part = answer.piece[start : start + WRITE_BYTES]
                await send({"type": "http.response.body", "body": part, "more_body": True})
            if answer.is_whole:
                await send({"type": "http.response.body", "body": b""})
                return
            answer.piece = await self._in_thread(answer.more)

    async def _in_thread(self, function: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, function)


def _has_body(environ: Environ) -> bool:
    return "HTTP_TRANSFER_ENCODING" in environ or environ.get("CONTENT_LENGTH", "0") != "0"


async def _departure(receive: Receive) -> None:
    """Return when the client is gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
