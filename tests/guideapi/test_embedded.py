"""The embedded servers: real ones, in folders of their own."""

import os
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from guideapi.embedded import EmbeddedPostgres, EmbeddedValkey
from guideapi.postgres_files import SHARED, ServerFailed
from tests.guideapi.processes import all_gone, family, until

ROOT = Path(__file__).parents[2]
# Starts both servers in the folder it is given, says so, and waits to be killed.
STARTER = """
import sys, time
from pathlib import Path
from guideapi.embedded import EmbeddedPostgres, EmbeddedValkey
durable = sys.argv[2] == "durable"
postgres = EmbeddedPostgres.start(Path(sys.argv[1]) / "postgres", durable=durable)
valkey = EmbeddedValkey.start(Path(sys.argv[1]) / "valkey", durable=durable)
with open(sys.argv[1] + "/started", "w") as started:
    print(postgres.url("postgres"), valkey.url, file=started)
time.sleep(600)
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder others can reach, unlike pytest's own: what root's server keeps there goes with it."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


def connect(url: str) -> psycopg.Connection:
    return psycopg.connect(url.replace("+psycopg", "", 1), autocommit=True)


def start_and_kill(folder: Path, *, guard_too: bool = False, keep: str = "durable") -> list[psutil.Process]:
    """Processes of a starter that was killed with a row and a key written."""
    starter = subprocess.Popen([sys.executable, "-c", STARTER, folder, keep], cwd=ROOT)
    until((folder / "started").exists, what="the servers start")
    until((folder / "started").read_text, what="their addresses")
    postgres_url, redis_url = (folder / "started").read_text().split()
    with connect(postgres_url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
    with redis.Redis.from_url(redis_url) as client:
        client.set("kept", 7)
        if keep == "durable":
            client.execute_command("WAITAOF", 1, 0, 10_000)
    left = family(starter.pid)[1:]
    for process in family(starter.pid) if guard_too else [psutil.Process(starter.pid)]:
        if process.pid == starter.pid or "guideapi.children" in process.cmdline():
            process.kill()
    starter.wait()
    return left


def test_data_survives_a_restart(folder: Path) -> None:
    with EmbeddedPostgres.start(folder / "postgres") as server:
        server.create_database("chain")
        with connect(server.url("chain")) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
    with EmbeddedPostgres.start(folder / "postgres") as server, connect(server.url("chain")) as connection:
        server.create_database("chain")
        assert connection.execute("SELECT number FROM kept").fetchall() == [(7,)]


def test_throwaway_servers_leave_nothing(folder: Path) -> None:
    postgres = EmbeddedPostgres.start(folder / "postgres", durable=False)
    valkey = EmbeddedValkey.start(folder / "valkey", durable=False)
    with postgres, valkey, connect(postgres.url("postgres")) as connection:
        assert connection.execute("SHOW fsync").fetchone() == ("off",)
        processes = family(postgres.child.pid) + family(valkey.child.pid)
    assert all_gone(processes)
    assert not postgres.home.exists()
    assert not (folder / "valkey").exists()


def test_chinese_text_has_trigrams(folder: Path) -> None:
    server = EmbeddedPostgres.start(folder / "postgres", durable=False)
    with server, connect(server.url("postgres")) as connection:
        connection.execute("CREATE EXTENSION pg_trgm")
        assert connection.execute("SELECT similarity('保湿面霜', '保湿面霜套装') > 0.3").fetchone() == (True,)


def test_strangers_are_refused(folder: Path) -> None:
    with EmbeddedPostgres.start(folder / "postgres", durable=False) as postgres:
        secret = postgres.home / "password"
        assert stat.S_IMODE(secret.stat().st_mode) == 0o600
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            connect(postgres.url("postgres").replace(secret.read_text(), "guess"))
    with EmbeddedValkey.start(folder / "valkey", durable=False) as valkey:
        _, address = valkey.url.split("@")
        with redis.Redis.from_url(f"redis://{address}") as client, pytest.raises(redis.AuthenticationError):
            client.ping()


def test_servers_end_with_a_killed_starter_and_keep_what_was_written(folder: Path) -> None:
    left = start_and_kill(folder)
    until(lambda: all_gone(left), what="the guard ends the servers")
    assert_kept(folder)


def test_throwaway_data_goes_with_a_killed_starter(folder: Path) -> None:
    left = start_and_kill(folder, keep="throwaway")
    until(lambda: all_gone(left), what="the guard ends the servers and itself")
    assert [path.name for path in folder.iterdir()] == ["started"]


def test_servers_left_by_a_killed_guard_are_replaced(folder: Path) -> None:
    left = start_and_kill(folder, guard_too=True)
    assert not all_gone(left)
    assert_kept(folder)
    assert all_gone(left)


def assert_kept(folder: Path) -> None:
    with EmbeddedPostgres.start(folder / "postgres") as postgres, connect(postgres.url("postgres")) as connection:
        assert connection.execute("SELECT number FROM kept").fetchall() == [(7,)]
    with EmbeddedValkey.start(folder / "valkey") as valkey, redis.Redis.from_url(valkey.url) as client:
        assert client.get("kept") == b"7"


def test_a_stale_process_id_keeps_nobody_out(folder: Path) -> None:
    with EmbeddedPostgres.start(folder / "postgres") as server:
        pid_file = server.home / "pgdata/postmaster.pid"
        lines = pid_file.read_text().splitlines()
    with subprocess.Popen(["sleep", "600"], user=pid_file.parent.stat().st_uid) as unrelated:
        pid_file.write_text("\n".join([str(unrelated.pid), *lines[1:], ""]))
        with EmbeddedPostgres.start(folder / "postgres", durable=False) as server:
            server.create_database("chain")
        unrelated.kill()


def test_data_of_another_major_version_is_refused(folder: Path) -> None:
    with EmbeddedPostgres.start(folder / "postgres") as server:
        home = server.home
    (home / "pgdata/PG_VERSION").write_text("14\n")
    with pytest.raises(ServerFailed, match="was made by PostgreSQL 14"):
        EmbeddedPostgres.start(folder / "postgres")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's server runs as another user")
def test_root_moves_data_out_of_a_closed_folder_and_opens_none(folder: Path) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    with EmbeddedPostgres.start(closed / "checkout/.data/postgres", throwaway=True) as server:
        assert server.home.parent == SHARED
        assert psutil.Process(server.child.pid).username() == "nobody"
    assert not server.home.exists()
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
