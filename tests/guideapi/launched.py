"""`guideapi run` as a user would start it: a process of its own, on a data folder of its own."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import psutil

from tests.guideapi.processes import PATIENCE_SECONDS, all_gone, family, until

ROOT = Path(__file__).parents[2]


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Launched:
    """One run; used in a `with`, it is killed at the end if it still lives."""

    def __init__(
        self,
        data: Path,
        *,
        checkout: Path = ROOT,
        python: str = sys.executable,
        user: int | None = None,
        port: int | None = None,
        options: Sequence[str] = ("--no-demo",),
        **environment: str,
    ) -> None:
        self.port = port or free_port()
        self.output = data.with_suffix(".output")
        named = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [python, "-m", "guideapi", "run", *options, "--data", data],
                cwd=checkout,
                env=named | {"PORT": str(self.port)} | environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                user=user,
                group=user,
                extra_groups=[] if user else None,
            )
        self.family: list[psutil.Process] = []

    def up(self) -> "Launched":
        """Return once it listens and every process is there."""
        self.until_said("Ctrl-C stops everything")
        self.family = family(self.process.pid)
        return self

    def until_said(self, text: str) -> None:
        until(lambda: text in self.said() or self.process.poll() is not None, what=text)
        assert text in self.said(), self.said()

    def said(self) -> str:
        return self.output.read_text()

    def status(self, path: str) -> int:
        """What the API answers to GET `path`."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        with contextlib.closing(connection):
            connection.request("GET", path)
            return connection.getresponse().status

    def workers(self) -> list[psutil.Process]:
        """The worker processes that live now."""
        return [p for p in psutil.Process(self.process.pid).children() if p.cmdline()[-1:] == ["worker"]]

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        """Send the signal and wait for the end of everything; returns the exit code."""
        self.process.send_signal(number)
        code = self.process.wait(timeout=PATIENCE_SECONDS)
        until(lambda: all_gone(self.family), what="its processes end")
        return code

    def __enter__(self) -> "Launched":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
