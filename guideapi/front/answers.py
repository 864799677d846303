"""What a WSGI application answers, fetched a piece at a time in threads."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from guideapi.front.environ import Environ
from guideapi.front.pace import ANSWER_BYTES

Wsgi = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


class Answer:
    """Status, headers and the first piece of the body are there once it is made; `more` fetches the others."""

    def __init__(self, app: Wsgi, environ: Environ) -> None:
        self.status = 500
        self.headers: list[tuple[bytes, bytes]] = []
        self._body = app(environ, self._start)
        self._pieces: Iterator[bytes] = iter(self._body)
        self.is_whole = False
        self.piece = self.more()

    def more(self) -> bytes:
        """Up to about ANSWER_BYTES more; `is_whole` says afterwards whether that was all."""
        pieces: list[bytes] = []
        size = 0
        try:
            while size < ANSWER_BYTES:
                piece = next(self._pieces, None)
                if piece is None:
                    self.close()
                    break
                pieces.append(piece)
                size += len(piece)
        except BaseException:
            self.close()
            raise
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def close(self) -> None:
        """Let the application go of whatever the answer holds open."""
        self.is_whole = True
        close = getattr(self._body, "close", None)
        if close is not None:
            close()

    def _start(self, status: str, headers: list[tuple[str, str]], _exc_info: object = None) -> None:
        self.status = int(status[:3])
        self.headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
