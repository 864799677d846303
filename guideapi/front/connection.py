"""One connection: uvicorn's, which waits for ever, with an end to the waiting for heads and for readers."""

from asyncio import TimerHandle
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from guideapi.front.pace import MAX_HEAD_BYTES, WHOLE_SECONDS, seconds_for

# A stop waits so long for a request that is on its way on a connection without one.
LAST_REQUEST_SECONDS = 1


class Connection(HttpToolsProtocol):
    """Hangs up on a client whose head does not come, or who does not read its answer."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self._head_deadline: TimerHandle | None = None
        self._reading_deadline: TimerHandle | None = None
        self._head_bytes = 0
        self._in_head = True
        self._ending = False

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._head_has_come()
        self._has_read()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.cycle is None or self.cycle.response_complete:
            self._await_head()
        super().data_received(data)
        if self._in_head:
            self._head_bytes += len(data)
            if self._head_bytes > MAX_HEAD_BYTES:
                self.transport.abort()

    def on_message_begin(self) -> None:
        self._in_head = True
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        # What follows a chunked body would be added to the head, without end.
        if self._in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._head_bytes = 0
        self._head_has_come()
        super().on_headers_complete()
        if self._ending:
            self.cycle.keep_alive = False

    def pause_writing(self) -> None:
        super().pause_writing()
        self._await_reading()

    def resume_writing(self) -> None:
        self._has_read()
        super().resume_writing()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self._reading_deadline is None and self.transport.get_write_buffer_size():
            self._await_reading()

    def shutdown(self) -> None:
        """Answer what has come, and what is on its way; then close."""
        self._ending = True
        if self.cycle is None or self.cycle.response_complete:
            self.loop.call_later(LAST_REQUEST_SECONDS, super().shutdown)
        else:
            self.cycle.keep_alive = False

    def _await_head(self) -> None:
        if self._head_deadline is None:
            self._head_deadline = self.loop.call_later(WHOLE_SECONDS, self.transport.abort)

    def _head_has_come(self) -> None:
        if self._head_deadline is not None:
            self._head_deadline.cancel()
            self._head_deadline = None

    def _await_reading(self) -> None:
        left = self.transport.get_write_buffer_size()
        self._has_read()
        self._reading_deadline = self.loop.call_later(seconds_for(left), self._hang_up_unless_read, left)

    def _has_read(self) -> None:
        if self._reading_deadline is not None:
            self._reading_deadline.cancel()
            self._reading_deadline = None

    def _hang_up_unless_read(self, left: int) -> None:
        self._reading_deadline = None
        # A kept connection may be at a later answer by now.
        if self.flow.write_paused or self.transport.get_write_buffer_size() >= left:
            self.transport.abort()
