"""What migrations come to, and what they do with a database that they do not know."""

import dataclasses
import subprocess
import sys
from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from guideapi.app import GuideApp
from guideapi.config import Config
from guideapi.database import UnknownHistory, migrate
from kit.db import db
from staff.rules import calendar as rules
from tests import golden_schema
from tests.conftest import ROOT, process_environment

# Where the history ended that was squashed: its schema is nearly ours, which is the worst to be taken for ours.
EARLIER = "0062"


@pytest.fixture
def older(config: Config) -> Iterator[Config]:
    """A database that the migrations of an earlier history made, with something in it."""
    server = create_engine(config.database_url, isolation_level="AUTOCOMMIT")
    url = make_url(config.database_url).set(database="guideapi_older")
    with server.connect() as connection:
        connection.execute(text("CREATE DATABASE guideapi_older"))
    there = dataclasses.replace(config, database_url=url.render_as_string(hide_password=False))
    _run(
        there,
        "CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)",
        f"INSERT INTO alembic_version VALUES ('{EARLIER}')",
        "CREATE TABLE staff AS SELECT 'SH01-01' AS staff_no",
    )
    yield there
    with server.connect() as connection:
        connection.execute(text("DROP DATABASE guideapi_older WITH (FORCE)"))
    server.dispose()


def _run(config: Config, *statements: str) -> None:
    engine = create_engine(config.database_url)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def _tables(config: Config) -> list[tuple[str, str]]:
    engine = create_engine(config.database_url)
    with engine.connect() as connection:
        found = connection.execute(
            text("SELECT 'staff', staff_no FROM staff UNION ALL SELECT 'revision', version_num FROM alembic_version")
        )
        tables = [(table, value) for table, value in found]
    engine.dispose()
    return tables


def _decreed(config: Config) -> list[int]:
    engine = create_engine(config.database_url)
    with engine.connect() as connection:
        years = connection.scalars(text("SELECT year FROM calendar_year WHERE country = 'CN' ORDER BY year")).all()
    engine.dispose()
    return list(years)


@pytest.mark.parametrize("command", [("migrate",), ("run", "--no-demo")])
def test_data_of_an_earlier_history_are_kept_and_one_line_says_what_to_do(
    older: Config, command: tuple[str, ...], tmp_path: object
) -> None:
    options = ("--data", f"{tmp_path}/data") if command[0] == "run" else ()
    stopped = subprocess.run(
        [sys.executable, "-m", "guideapi", *command, *options],
        cwd=ROOT,
        env=process_environment(older),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert stopped.returncode in (1, 2)
    [line] = stopped.stderr.splitlines()
    assert line.startswith(f"guideapi: the database is at revision {EARLIER}, which this version does not know")
    for told in ("nothing was changed", "run the version that wrote them", "move the data folder away"):
        assert told in line
    assert _tables(older) == [("staff", "SH01-01"), ("revision", EARLIER)]


def test_a_new_database_has_the_calendar_and_migrating_twice_changes_nothing(older: Config) -> None:
    with pytest.raises(UnknownHistory):
        migrate(older)
    _run(older, "DROP TABLE alembic_version, staff")
    migrate(older)
    assert _decreed(older) == rules.decreed_years("CN")
    migrate(older)
    assert _decreed(older) == rules.decreed_years("CN")


def test_the_schema_is_the_one_that_was_read_and_agreed_on(app: GuideApp) -> None:
    """`make schema` writes the file anew: look at its difference before you commit it."""
    agreed = golden_schema.FILE.read_text()
    with db.engine.connect() as connection:
        if not agreed.startswith(f"PostgreSQL {golden_schema.version(connection)}\n"):
            pytest.skip("another version of PostgreSQL writes some expressions in another way")
        assert golden_schema.describe(connection).splitlines() == agreed.splitlines()
