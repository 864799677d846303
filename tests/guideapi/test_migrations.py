"""What a migration does to a database that was in use before it."""

import dataclasses
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import make_url

from guideapi.config import Config
from guideapi.database import alembic_config, migrate
from tests.conftest import ROOT, process_environment

STORE = """
INSERT INTO region (id, code, name) VALUES (uuid7(), 'r1', 'r');
INSERT INTO store (code, name, region_id, opened_on) SELECT 'sh01', 's', id, '2024-01-01' FROM region"""
STAFF = "INSERT INTO staff (staff_no, name, roles, hired_on) VALUES ('{}', 'n', ARRAY['hq_admin'], '2024-01-01')"
MEMBER = "INSERT INTO customer (id, member_no, merged_into_id) VALUES (uuid7(), '{}', {})"


@pytest.fixture
def used(config: Config) -> Iterator[tuple[Config, Engine]]:
    """A database as it was before codes were compared by their keys."""
    own = make_url(config.database_url).set(database="guideapi_migrations")
    server = create_engine(config.database_url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text("CREATE DATABASE guideapi_migrations"))
    there = dataclasses.replace(config, database_url=own.render_as_string(hide_password=False))
    command.upgrade(alembic_config(there), "0041-1")
    engine = create_engine(there.database_url, isolation_level="AUTOCOMMIT")
    yield there, engine
    engine.dispose()
    with server.connect() as connection:
        connection.execute(text("DROP DATABASE guideapi_migrations WITH (FORCE)"))
    server.dispose()


@pytest.fixture
def write(used: tuple[Config, Engine]) -> Callable[[str], Any]:
    def run(statement: str) -> Any:
        with used[1].connect() as connection:
            return connection.execute(text(statement))

    return run


def test_codes_that_fall_together_stop_it_with_one_line(
    used: tuple[Config, Engine], write: Callable[[str], Any]
) -> None:
    write(STORE)
    write("INSERT INTO store (code, name, region_id, opened_on) SELECT 'ＳＨ01', 's', id, '2024-01-01' FROM region")
    for staff_no in ("SH01-01", "sh01-01 ", "SH01-02"):
        write(STAFF.format(staff_no))
    for member_no in ("MRG-A", "mrg-a", "MRG-A ", "MRG-B", " "):
        write(MEMBER.format(member_no, "NULL"))
    command_line = [sys.executable, "-m", "guideapi", "migrate"]
    stopped = subprocess.run(
        command_line,
        cwd=ROOT,
        env=process_environment(used[0]),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert stopped.returncode == 2
    [line] = [line for line in stopped.stderr.splitlines() if line.startswith("guideapi: ")]
    assert "Traceback" not in stopped.stderr
    for told in (
        "store: 'sh01' = 'ＳＨ01'",
        "'SH01-01'",
        "'sh01-01 '",
        "'MRG-A'",
        "'mrg-a'",
        "'MRG-A '",
        "customer: ' '",
    ):
        assert told in line
    assert "SH01-02" not in line
    assert "MRG-B" not in line
    assert write("SELECT count(*) FROM customer WHERE member_no IS NOT NULL").scalar() == 5
    for correction in (
        "UPDATE store SET code = 'sh02' WHERE code = 'ＳＨ01'",
        "UPDATE staff SET staff_no = 'SH01-09' WHERE staff_no = 'sh01-01 '",
        "UPDATE customer SET member_no = NULL WHERE member_no IN ('mrg-a', 'MRG-A ', ' ')",
    ):
        write(correction)
    migrate(used[0])
    assert write("SELECT member_no_key FROM customer WHERE member_no IS NOT NULL ORDER BY 1").scalars().all() == [
        "mrg-a",
        "mrg-b",
    ]


def test_numbers_of_one_merged_person_are_theirs(used: tuple[Config, Engine], write: Callable[[str], Any]) -> None:
    write(MEMBER.format("MRG-A", "NULL"))
    write(MEMBER.format("mrg-a", "(SELECT id FROM customer WHERE member_no = 'MRG-A')"))
    write(MEMBER.format("other", "(SELECT id FROM customer WHERE member_no = 'MRG-A')"))
    migrate(used[0])
    assert write("SELECT member_no FROM customer ORDER BY id").scalars().all() == ["MRG-A", None, "other"]
