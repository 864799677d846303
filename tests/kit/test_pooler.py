"""Behind a PgBouncer that hands connections on with each transaction; skipped where there is none (apt has it)."""

import contextlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import InternalError

from guideapi import database
from guideapi.app import GuideApp, create_app
from guideapi.config import Config
from kit import jobs
from kit.db import READING, REPORTING, close_connections, db, fetch_all, fetch_one, unit_of_work
from kit.ids import new_id
from models import Brand
from tests import make
from tests.client import Client

PGBOUNCER = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
SERVER_CONNECTIONS = 3

pytestmark = pytest.mark.skipif(PGBOUNCER is None, reason="no pgbouncer on this machine")


@pytest.fixture(scope="module")
def pooled_config(config: Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Config]:
    """The test's database behind a pooler with fewer connections to it than it has clients."""
    url, folder, port = make_url(config.database_url), tmp_path_factory.mktemp("pgbouncer"), _free_port()
    settings = folder / "pgbouncer.ini"
    settings.write_text(f"""[databases]
* = host={url.host} port={url.port} user={url.username} password={url.password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = {SERVER_CONNECTIONS}
""")
    command = [str(PGBOUNCER), *(("-u", "nobody") if os.geteuid() == 0 else ()), str(settings)]
    with _readable(folder), subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as pooler:
        try:
            _wait_for(port)
            pooled = url.set(host="127.0.0.1", port=port).render_as_string(hide_password=False)
            yield replace(config, database_url=pooled, database_pooler=True)
        finally:
            pooler.terminate()
            pooler.wait(30)


@pytest.fixture
def pooled(app: GuideApp, pooled_config: Config) -> Iterator[GuideApp]:
    other = create_app(pooled_config)
    with other.app_context():
        yield other
        db.session.remove()
        close_connections()


def test_many_clients_over_few_connections_miss_no_statement(pooled: GuideApp) -> None:
    """Each asks the same so often that the driver would prepare it; the next connection does not have it then."""
    person = make.guide()
    clients = [Client(pooled).sign_in(person) for _ in range(6)]
    make.product(title="面霜")

    def ask(client: Client) -> set[int]:
        answers = [client.get("/v1/products").status_code for _ in range(20)]
        answers += [client.get("/v1/me").status_code for _ in range(20)]
        return {*answers, client.post("/v1/follow-ups", json={}).status_code}

    with ThreadPoolExecutor(len(clients)) as threads:
        assert set().union(*threads.map(ask, clients)) == {200, 422}
    assert fetch_one(text("SELECT count(*) AS prepared FROM pg_prepared_statements")) == {"prepared": 0}


def test_settings_hold_in_each_transaction_of_each_engine(pooled: GuideApp) -> None:
    names = ("jit", "TimeZone", "lock_timeout", "idle_in_transaction_session_timeout", "statement_timeout")
    ask = text(" UNION ALL ".join(f"SELECT current_setting('{name}') AS value" for name in names))
    for _ in range(SERVER_CONNECTIONS + 1):
        for reading in (False, True):
            with unit_of_work(reading=reading):
                found = [row["value"] for row in fetch_all(ask)]
                assert found == ["off", "UTC", "10s", "1min", "14min"]


def test_what_only_reads_cannot_write_and_sees_what_was_committed(pooled: GuideApp) -> None:
    with pytest.raises(InternalError), unit_of_work(reading=True):
        fetch_all(text("INSERT INTO brand (id, name) VALUES (gen_random_uuid(), 'C') RETURNING id"))
    with pytest.raises(InternalError), unit_of_work(reading=True):
        db.session.add(Brand(id=new_id(), name="C"))
    with unit_of_work(reading=True):
        assert fetch_all(text("SELECT name FROM brand")) == []
    with unit_of_work():
        db.session.add(Brand(id=new_id(), name="D"))
    with unit_of_work(reading=True):
        assert fetch_all(text("SELECT name FROM brand")) == [{"name": "D"}]
    assert set(db.engines) == {None, READING, REPORTING}


def test_merges_imports_and_jobs_work(pooled: GuideApp) -> None:
    """They hold locks, make temporary tables, and read with cursors: all within their transactions."""
    source = make.source(file_format="native")
    for number in range(8):
        make.sync(source, make.product_item(external_id=f"P{number}"))
    for name in ("commissions.jobs:post_changed_orders", "clienteling.jobs:rebuild_figures",
                 "integrations.jobs:derive_deliveries", "performance.jobs:close_stale_days"):  # fmt: skip
        for _ in range(7):
            jobs.perform(name, {})
    assert len(fetch_all(text("SELECT id FROM product"))) == 8


def test_the_schema_is_migrated_through_it(pooled_config: Config, whole_app: GuideApp) -> None:
    database.migrate(pooled_config)


@contextlib.contextmanager
def _readable(folder: Path) -> Iterator[None]:
    """As root the pooler runs as another user, who reads its settings; tests as root keep their folders closed."""
    closed = [place for place in (folder, *folder.parents) if place.stat().st_mode & 0o005 != 0o005]
    modes = [(place, place.stat().st_mode) for place in closed]
    for place in closed if os.geteuid() == 0 else ():
        place.chmod(place.stat().st_mode | 0o005)
    try:
        yield
    finally:
        for place, mode in modes:
            place.chmod(mode)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _wait_for(port: int) -> None:
    for _ in range(300):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    raise AssertionError("pgbouncer did not start")
