"""A real PostgreSQL and a real Valkey for each test process, one database migrated once, emptied after each test."""

import gc
import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from rq import Queue
from sqlalchemy import create_engine, text

from guideapi import database
from guideapi.app import GuideApp, create_app
from guideapi.config import Config
from guideapi.embedded import EmbeddedPostgres, EmbeddedValkey
from kit import jobs
from kit.db import Base, close_connections, db
from models import Staff
from tests import make
from tests.client import Client
from tests.s3_server import S3Server, s3_server

ROOT = Path(__file__).parent.parent
SECRET_KEY = "tests-tests-tests-tests-tests-tests"


def pytest_collection_finish() -> None:
    """Spare the collector what stays to the end: looking at it again and again took a tenth of the suite's time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 50, 1000)


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An empty database of our own: on the server that DATABASE_URL names, or on one we start."""
    name = f"guideapi_test_{secrets.token_hex(6)}"
    if given := os.environ.get("DATABASE_URL"):
        yield from _borrowed_database(given, name)
        return
    with EmbeddedPostgres.start(tmp_path_factory.mktemp("postgres"), durable=False) as server:
        server.create_database(name)
        yield server.url(name)


def _borrowed_database(url: str, name: str) -> Iterator[str]:
    config = Config(database_url=url, redis_url="", secret_key=SECRET_KEY, storage_url="")
    server = create_engine(config.database_url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    yield server.url.set(database=name).render_as_string(hide_password=False)
    with server.connect() as connection:
        connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    server.dispose()


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Valkey of our own."""
    with EmbeddedValkey.start(tmp_path_factory.mktemp("valkey"), durable=False) as server:
        yield server.url


@pytest.fixture(scope="session")
def bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """A bucket on an S3 server of our own."""
    with s3_server(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture(scope="session")
def config(postgres_url: str, redis_url: str, tmp_path_factory: pytest.TempPathFactory) -> Config:
    """Settings for the tests: cheap password hashes, files in a temporary folder."""
    return Config(
        database_url=postgres_url,
        redis_url=redis_url,
        secret_key=SECRET_KEY,
        storage_url=Path(tmp_path_factory.mktemp("files")).as_uri(),
        argon2_memory_kib=8,
        log_level="WARNING",
    )


@pytest.fixture(scope="session")
def whole_app(config: Config) -> Iterator[GuideApp]:
    """The application on a migrated database."""
    database.migrate(config)
    app = create_app(config)
    yield app
    with app.app_context():
        close_connections()


@pytest.fixture
def app(whole_app: GuideApp) -> Iterator[GuideApp]:
    """The application, with a context for the test's own reads and writes; afterwards all tables are empty."""
    with whole_app.app_context():
        yield whole_app
        db.session.rollback()
        _empty_tables()
    whole_app.extensions["redis"].flushall()


def _empty_tables() -> None:
    """Delete what the test wrote, as a superuser, past the triggers that rightly refuse it to everyone."""
    tables = " UNION ALL ".join(_HAS_ROWS.format(table.name) for table in Base.metadata.sorted_tables)
    with db.engine.begin() as connection:
        # Turning triggers off table by table would have every connection read the schema and plan its statements anew.
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for name in connection.scalars(text(tables)).all():
            connection.execute(text(f"DELETE FROM {name}"))


_HAS_ROWS = "SELECT '{0}' WHERE EXISTS (SELECT FROM {0})"


@pytest.fixture
def client(app: GuideApp) -> Client:
    """Nobody in particular, over HTTP."""
    return Client(app)


@pytest.fixture
def guide(app: GuideApp) -> Staff:
    """A guide, in a store, in a region."""
    return make.guide()


@pytest.fixture
def as_guide(client: Client, guide: Staff) -> Client:
    """The guide, signed in over HTTP."""
    return client.sign_in(guide)


@pytest.fixture
def manager(guide: Staff) -> Staff:
    """The manager of the guide's store."""
    return make.staff(roles=["store_manager"], store_id=guide.store_id)


@pytest.fixture
def as_manager(client: Client, manager: Staff) -> Client:
    """The guide's manager, signed in over HTTP."""
    return client.sign_in(manager)


@pytest.fixture
def integrator(client: Client) -> Client:
    """A machine that may push products and orders."""
    return client.with_token(make.api_key(scopes=["products:write", "orders:write"]))


def process_environment(config: Config) -> dict[str, str]:
    """What a process of ours needs in its environment to work on the test's servers."""
    ours = {
        "DATABASE_URL": config.database_url,
        "REDIS_URL": config.redis_url,
        "SECRET_KEY": config.secret_key,
        "STORAGE_URL": config.storage_url,
        "LOG_LEVEL": config.log_level,
    }
    return {**os.environ, **ours}


@pytest.fixture
def run_jobs(app: GuideApp, config: Config) -> Callable[[], None]:
    """Call it to run every queued job in a real worker process; fails the test if one of them fails."""

    def run() -> None:
        command = [sys.executable, "-m", "guideapi", "worker", "--burst"]
        subprocess.run(command, cwd=ROOT, env=process_environment(config), check=True, timeout=120)
        for name in jobs.QUEUES:
            queue = Queue(name, connection=jobs.connection())
            left = [*queue.get_job_ids(), *queue.failed_job_registry.get_job_ids()]
            left += queue.scheduled_job_registry.get_job_ids()  # where a failed job waits for its next attempt
            assert left == [], f"{name}: {[queue.fetch_job(job).exc_info for job in left]}"

    return run
