"""A house to measure: its own PostgreSQL, Valkey and files in a temporary folder, never those of `make run`.

PostgreSQL writes durably, as in production. Everything listens on the loopback and ends with this process.
"""

import contextlib
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from guideapi.app import GuideApp, create_app
from guideapi.children import CHECKOUT, Child
from guideapi.config import Config
from guideapi.embedded import EmbeddedPostgres, EmbeddedValkey

SECRET_KEY = "benchmarks-benchmarks-benchmarks-benchmarks"  # noqa: S105 - signs tokens that live for minutes
METRICS_TOKEN = "benchmarks"  # noqa: S105 - of a server that lives for minutes
PYTHON_M = (sys.executable, "-m")
GUIDEAPI = (*PYTHON_M, "guideapi")
START_SECONDS = 60
STOP_SECONDS = 40


@dataclass(frozen=True, kw_only=True)
class House:
    """Where the servers are and how processes find them."""

    folder: Path
    environment: Mapping[str, str] = field(repr=False)

    def app(self, *, statement_seconds: int = 0) -> GuideApp:
        """The application in this process, on the same servers: as jobs run in, or as requests with their limit."""
        settings = Config.from_env(self.environment)
        return create_app(replace(settings, log_level="WARNING", statement_seconds=statement_seconds))

    def run(self, *command: str) -> None:
        """Run a `guideapi` command to its end."""
        subprocess.run([*GUIDEAPI, *command], cwd=CHECKOUT, env=dict(self.environment), check=True)

    @contextmanager
    def process(self, name: str, command: Sequence[str], **environment: str) -> Iterator[Child]:
        """A process on these servers, its words in a log, ended at the end."""
        with open(self.folder / f"{name}.log", "ab") as log:
            child = Child.start(command, folder=CHECKOUT, environment={**self.environment, **environment}, output=log)
        try:
            yield child
        finally:
            child.stop(grace_seconds=STOP_SECONDS)


@contextmanager
def open_house() -> Iterator[House]:
    """Start the servers and bring the empty database to the current schema."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="guideapi-bench-", ignore_cleanup_errors=True)))
        postgres = stack.enter_context(EmbeddedPostgres.start(folder / "postgres", throwaway=True))
        valkey = stack.enter_context(EmbeddedValkey.start(folder / "valkey", throwaway=True))
        postgres.create_database("guideapi")
        house = House(folder=folder, environment=_environment(folder, postgres, valkey))
        house.run("migrate")
        yield house


def _environment(folder: Path, postgres: EmbeddedPostgres, valkey: EmbeddedValkey) -> Mapping[str, str]:
    return {
        "PATH": "/usr/bin:/bin",
        "DATABASE_URL": postgres.url("guideapi"),
        "REDIS_URL": valkey.url,
        "SECRET_KEY": SECRET_KEY,
        "METRICS_TOKEN": METRICS_TOKEN,
        "STORAGE_URL": (folder / "files").as_uri(),
        # Counted as in production, and never reached: one caller asks for all.
        "RATES_PER_MINUTE": "staff=1000000000 integrator=1000000000 address=1000000000 sign_in=1000000000",
    }


@dataclass(frozen=True, kw_only=True)
class Api:
    """An API server that answers."""

    port: int
    child: Child

    def workers(self) -> list[psutil.Process]:
        """Its worker processes; resource trackers and the like are none."""
        children = psutil.Process(self.child.pid).children(recursive=True)
        return [
            child for child in children if child.is_running() and "resource_tracker" not in " ".join(_command(child))
        ]

    def memory_bytes(self) -> int:
        """Proportional set size of the server and its workers: shared pages are counted once."""
        processes = [psutil.Process(self.child.pid), *self.workers()]
        return sum(process.memory_full_info().pss for process in processes)


@contextmanager
def serve(house: House, *, name: str, command: Sequence[str], port: int, **environment: str) -> Iterator[Api]:
    """An API server started by `command`, once it answers on `port`."""
    metrics = house.folder / f"{name}-metrics"
    shutil.rmtree(metrics, ignore_errors=True)
    metrics.mkdir()
    with house.process(name, command, PROMETHEUS_MULTIPROC_DIR=str(metrics), **environment) as child:
        _await_answer(port, child, log=house.folder / f"{name}.log")
        yield Api(port=port, child=child)


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await_answer(port: int, child: Child, *, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not _answers(port):
        if child.has_ended() or time.monotonic() > deadline:
            raise RuntimeError(f"the server did not start:\n{log.read_text()[-2000:]}")
        time.sleep(0.05)


def _answers(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    with contextlib.closing(connection), contextlib.suppress(OSError, HTTPException):
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    return False


def _command(process: psutil.Process) -> list[str]:
    with contextlib.suppress(psutil.Error):
        return process.cmdline()
    return []
