"""Keeping the processes of one run alive, and ending them in order."""

import contextlib
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import click

from guideapi.children import Child

# A process that lasted this long was well: its next end starts the back-off anew.
WELL_SECONDS = 60
LONGEST_PAUSE_SECONDS = 30
# Who waits for longer is told that it goes on.
SILENT_SECONDS = 5


def say(text: str, *, err: bool = False) -> None:
    """One line for the person at the terminal."""
    # The terminal may be gone, and stopping in order matters more.
    with contextlib.suppress(OSError):
        click.echo(text, err=err)


@contextmanager
def saying(what: str) -> Iterator[None]:
    """Say what the person at the terminal waits for, and every few seconds for how long already."""
    done = threading.Event()

    def go_on() -> None:
        seconds = SILENT_SECONDS
        while not done.wait(SILENT_SECONDS):
            say(f"  {what}: {seconds} s")
            seconds += SILENT_SECONDS

    say(what)
    teller = threading.Thread(target=go_on, daemon=True)
    teller.start()
    try:
        yield
    finally:
        done.set()
        teller.join()


@dataclass(kw_only=True)
class Service:
    """A process that is started again, ever later, when it ends by itself."""

    name: str
    launch: Callable[[], Child]
    log: Path
    grace_seconds: float
    child: Child | None = field(default=None, init=False)
    _pause_seconds: float = field(default=0.5, init=False)
    _since: float = field(default=0.0, init=False)

    def start(self) -> None:
        self.child = self.launch()
        self._since = time.monotonic()

    def keep_up(self) -> None:
        """Start it again if it has ended and its pause is over; says so in one line."""
        if self.child is None:
            if time.monotonic() >= self._since:
                self.start()
        elif self.child.has_ended():
            lasted = time.monotonic() - self._since
            self._pause_seconds = 1 if lasted > WELL_SECONDS else min(self._pause_seconds * 2, LONGEST_PAUSE_SECONDS)
            say(
                f"{self.name} ended ({how_it_ended(self.child.process)}); "
                f"starting it again in {self._pause_seconds:g} s, see {self.log}"
            )
            self._since = time.monotonic() + self._pause_seconds
            self.child = None

    def ask_to_stop(self) -> None:
        if self.child:
            self.child.ask_to_stop()

    def stop(self) -> None:
        if self.child:
            self.child.stop(grace_seconds=self.grace_seconds)


def stop_together(services: Iterable[Service]) -> None:
    """Ask all of them first, so that none waits for another's grace."""
    for service in services:
        service.ask_to_stop()
    for service in services:
        service.stop()


def how_it_ended(process: subprocess.Popen[bytes]) -> str:
    """The exit code or the signal, in words."""
    code = process.returncode
    return f"exit code {code}" if code >= 0 else f"signal {-code}"
