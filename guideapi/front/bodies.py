"""Bodies of requests: taken in whole before the application is asked, or, if they are long, once it wants them."""

import asyncio
from asyncio import timeout_at
from collections.abc import Awaitable, Callable
from io import RawIOBase
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO

from flask import request

from guideapi.front.pace import IN_MEMORY_BYTES, WHOLE_BYTES, WHOLE_SECONDS, seconds_for

Receive = Callable[[], Awaitable[Any]]


class BodyTooSlow(Exception):
    """The client takes longer than it may."""


class BodyNotKept(Exception):
    """The disk is full, or gone."""


class ClientGone(Exception):
    """The connection ended before the body did."""


class BodyWanted(BaseException):
    """The application begins to read a body that is still to come; it is asked again once the body is there.

    Not an Exception: nothing between the reader and the front may take it for an answer.
    """

    def __init__(self, max_bytes: int | None) -> None:
        self.max_bytes = max_bytes


class ToCome(RawIOBase):
    """The body of a request whose body has not been taken in."""

    def readable(self) -> bool:
        """As every stream that is read from."""
        return True

    def readinto(self, _buffer: Any) -> int:
        """Give up this attempt, and say how much the view takes."""
        raise BodyWanted(request.max_content_length)


class Body:
    """What has come so far."""

    def __init__(self) -> None:
        # Closed by `close`, when the application is done with it.
        self.file = SpooledTemporaryFile(max_size=IN_MEMORY_BYTES)  # noqa: SIM115
        self.length = 0
        self.is_whole = False

    async def take_in(self, receive: Receive, *, max_bytes: int | None, patient: bool) -> None:
        """Receive until the end, or until more than `max_bytes` have come.

        `patient` is for long bodies: time grows with what has come. Raises BodyTooSlow, BodyNotKept and ClientGone.
        """
        begun = asyncio.get_running_loop().time()
        already = self.length
        while not self.is_whole and (max_bytes is None or self.length <= max_bytes):
            seconds = seconds_for(self.length - already) if patient else WHOLE_SECONDS
            try:
                async with timeout_at(begun + seconds):
                    message = await receive()
            except TimeoutError:
                raise BodyTooSlow from None
            if message["type"] == "http.disconnect":
                raise ClientGone
            self._keep(message["body"])
            self.is_whole = not message["more_body"]

    def _keep(self, piece: bytes) -> None:
        try:
            self.file.write(piece)
        except OSError as error:
            raise BodyNotKept from error
        self.length += len(piece)

    def rewound(self) -> BinaryIO:
        """The bytes, to be read from the beginning."""
        self.file.seek(0)
        return self.file  # type: ignore[return-value]

    def close(self) -> None:
        """Forget it."""
        self.file.close()


def is_long(length: int | None) -> bool:
    """Whether a body of that declared length waits for the application to want it."""
    return length is not None and length > WHOLE_BYTES
