"""A share of memory and time that threads of one process take turns with."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition

from kit.errors import Unavailable


class MemoryBusy(Unavailable):
    """Others are at work on as much as a process reads or decodes at once; the same request works a little later."""

    code = "files_busy"


RETRY_AFTER_SECONDS = 5


class Budget:
    """Bytes that may be in use at the same time."""

    def __init__(self, total_bytes: int, *, patience_seconds: float) -> None:
        self._total = total_bytes
        self._free = total_bytes
        self._patience_seconds = patience_seconds
        self._changed = Condition()

    @contextmanager
    def taking(self, size_bytes: int) -> Iterator[None]:
        """Hold so many bytes, or all there are; waits for them, and raises MemoryBusy when that takes too long."""
        wanted = min(size_bytes, self._total)
        with self._changed:
            if not self._changed.wait_for(lambda: self._free >= wanted, self._patience_seconds):
                raise MemoryBusy(retry_after_seconds=RETRY_AFTER_SECONDS)
            self._free -= wanted
        try:
            yield
        finally:
            with self._changed:
                self._free += wanted
                self._changed.notify_all()
