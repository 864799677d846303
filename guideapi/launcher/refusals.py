"""What keeps a run from starting, each said in one line."""

import contextlib
import fcntl
import os
import socket
import time
from pathlib import Path
from typing import IO

import psutil
import psycopg
import redis

from guideapi.launcher.supervisor import say

OLDEST_POSTGRES = 15
OLDEST_REDIS = 7
CONNECT_SECONDS = 5
# The guard of a run that was killed holds the lock until it has ended what that run left.
LOCK_SECONDS = 15


class Refused(Exception):
    """The run can't start; the message is one line for the person at the terminal."""


def refuse_busy_port(port: int) -> None:
    """Raise Refused unless we could listen on the loopback `port`."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise Refused(f"port {port} can't be used ({error.strerror}); choose another: PORT=8001 make run") from None


def refuse_unfit_database(url: str) -> None:
    """Raise Refused unless PostgreSQL answers at `url` (SQLAlchemy's form) and is new enough."""
    try:
        with psycopg.connect(url.replace("+psycopg", "", 1), connect_timeout=CONNECT_SECONDS) as connection:
            server_version = connection.info.server_version
    except psycopg.Error as error:
        raise Refused(f"the database of DATABASE_URL does not answer: {_first_line(error)}") from None
    refuse_old_postgres(server_version)


def refuse_old_postgres(server_version: int) -> None:
    """Raise Refused for a `server_version` (as libpq counts: 150004 is 15.4) that is too old."""
    major = server_version // 10_000
    if major < OLDEST_POSTGRES:
        raise Refused(f"the database of DATABASE_URL is PostgreSQL {major}; {OLDEST_POSTGRES} or newer is needed")


def refuse_unfit_redis(url: str) -> None:
    """Raise Refused unless a Redis (or Valkey, which tells the Redis it is like) answers at `url` and is new enough."""
    try:
        with redis.Redis.from_url(url, socket_connect_timeout=CONNECT_SECONDS) as client:
            version = str(client.info("server")["redis_version"])
    except (redis.RedisError, ValueError) as error:
        raise Refused(f"the Redis of REDIS_URL does not answer: {_first_line(error)}") from None
    refuse_old_redis(version)


def refuse_old_redis(version: str) -> None:
    """Raise Refused for a Redis of `version` (like 6.2.14) that is too old."""
    if int(version.partition(".")[0]) < OLDEST_REDIS:
        raise Refused(f"the server of REDIS_URL is Redis {version}; {OLDEST_REDIS} or newer, or Valkey, is needed")


def lock_folder(data: Path) -> IO[str]:
    """The lock of this checkout, held while the file is open; raises Refused when another run holds it."""
    if data.stat().st_uid != os.geteuid():
        raise Refused(f"{data} belongs to another user: run as that user, or move it away")
    lock = open(data / "lock", "a+")  # noqa: SIM115 - it stays open for as long as the run lasts
    if not _locked(lock):
        lock.seek(0)
        holder = lock.read()
        if _runs(int(holder or 0)):
            raise Refused(f"already running in this folder, as process {holder}")
        say("the run before this one was killed; waiting for what it left to end")
        for _ in range(LOCK_SECONDS * 10):
            time.sleep(0.1)
            if _locked(lock):
                break
        else:
            raise Refused(f"processes of an earlier run still hold {data / 'lock'}")
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


def _runs(pid: int) -> bool:
    # A killed one that nobody has waited for yet is still listed.
    with contextlib.suppress(psutil.NoSuchProcess):
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    return False


def _locked(lock: IO[str]) -> bool:
    with contextlib.suppress(BlockingIOError):
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
