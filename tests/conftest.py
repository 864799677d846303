"""A real PostgreSQL and a real Valkey for each test process, one database migrated once, emptied after each test."""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from guideapi import database
from guideapi.app import GuideApp, create_app
from guideapi.config import Config
from guideapi.embedded import EmbeddedPostgres, EmbeddedValkey
from kit.db import Base, db
from models import Staff
from tests import make
from tests.client import Client

SECRET_KEY = "tests-tests-tests-tests-tests-tests"


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
        db.engine.dispose()


@pytest.fixture
def app(whole_app: GuideApp) -> Iterator[GuideApp]:
    """The application, with a context for the test's own reads and writes; afterwards all tables are empty."""
    with whole_app.app_context():
        yield whole_app
        db.session.rollback()
        _empty_tables()
    whole_app.extensions["redis"].flushall()


def _empty_tables() -> None:
    """TRUNCATE as the tables' owner, past the triggers that rightly refuse it to everyone."""
    tables = [table.name for table in Base.metadata.sorted_tables]
    with db.engine.begin() as connection:
        guarded = connection.scalars(
            text("SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal")
        ).all()
        for table in guarded:
            connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        connection.execute(text(f"TRUNCATE {', '.join(tables)}"))
        for table in guarded:
            connection.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))


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
