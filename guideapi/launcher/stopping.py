"""When a run has to stop: a signal, or the end of the `make` that started it."""

import os
import signal
import threading


class Stopped(Exception):
    """Somebody asked the run to stop."""


class StopRequest:
    """Ctrl-C, SIGTERM, a closed terminal, or the end of `parent` (a process id), all the same."""

    def __init__(self, parent: int | None) -> None:
        self._parent = parent
        self._asked = threading.Event()

    def listen(self) -> None:
        """Catch the signals from here on; a second one changes nothing, as stopping is bounded in time."""
        numbers = [signal.SIGINT, signal.SIGTERM]
        # Under nohup a closed terminal is to be ignored.
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            numbers.append(signal.SIGHUP)
        for number in numbers:
            signal.signal(number, lambda *_: self._asked.set())

    def wait(self, seconds: float) -> None:
        """Return after `seconds`; raises Stopped as soon as somebody asks."""
        if self._asked.wait(seconds) or (self._parent and os.getppid() != self._parent):
            raise Stopped
