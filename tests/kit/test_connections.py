"""What is said once of connections arrives on every connection of every engine."""

from dataclasses import replace

import pytest
from sqlalchemy import Engine, text

from guideapi.app import GuideApp, create_app
from guideapi.config import Config
from kit import connections
from kit.db import LONGEST_TRANSACTION, READING, REPORTING, close_connections, db, unit_of_work
from kit.ids import new_id
from kit.jobs import JOB_TIMEOUT_SECONDS
from models import Brand

EXPECTED = {
    "jit": "off",
    "TimeZone": "UTC",
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "1min",
    "statement_timeout": "14min",
    "transaction_timeout": "14min",
    "temp_buffers": "64MB",
    "plan_cache_mode": "force_custom_plan",
}


@pytest.fixture(params=[None, READING, REPORTING], ids=["writing", "reading", "reporting"])
def engine(app: GuideApp, request: pytest.FixtureRequest) -> Engine:
    return db.engines[request.param]


def test_settings_arrive_on_a_connection_of_each_engine(engine: Engine) -> None:
    engine.dispose()
    with engine.connect() as connection:
        version = connection.connection.driver_connection.info.server_version  # type: ignore[union-attr]
        known = {name: value for name, value in EXPECTED.items() if name != "transaction_timeout" or version >= 170_000}
        ask = text("SELECT current_setting(:name)")
        assert {name: connection.scalar(ask, {"name": name}) for name in known} == known


def test_pools_are_of_one_size_and_errors_hide_what_was_sent(app: GuideApp, engine: Engine) -> None:
    size = connections.REPORTS_AT_ONCE if engine is db.engines[REPORTING] else 8
    assert engine.pool.size() == size  # type: ignore[attr-defined]
    assert engine.pool._max_overflow == 0  # type: ignore[attr-defined]
    assert engine.hide_parameters


def test_only_the_writing_engine_writes(app: GuideApp) -> None:
    ask = text("SELECT current_setting('default_transaction_read_only')")
    found = []
    for key in (None, READING, REPORTING):
        with db.engines[key].connect() as connection:
            found.append(connection.scalar(ask))
    assert found == ["off", "on", "on"]


@pytest.mark.parametrize(
    ("key", "plans", "limit"),
    [(None, "auto", "30s"), (READING, "auto", "10s"), (REPORTING, "force_custom_plan", "10s")],
)
def test_requests_keep_plans_but_those_of_reports_and_have_less_time(
    config: Config, key: str | None, plans: str, limit: str
) -> None:
    serving = create_app(replace(config, statement_seconds=30))
    with serving.app_context():
        with db.engines[key].connect() as connection:
            ask = text("SELECT current_setting(:name)")
            found = [connection.scalar(ask, {"name": name}) for name in ("plan_cache_mode", "statement_timeout")]
            assert found == [plans, limit]
        close_connections()


def _write_for_ever() -> None:
    db.session.add(Brand(id=new_id(), name="A"))
    db.session.flush()
    db.session.connection().info["began_at"] -= connections.LIMIT_SECONDS


def test_what_took_too_long_is_not_committed_whatever_the_server_does(app: GuideApp) -> None:
    with pytest.raises(connections.TransactionTooLong), unit_of_work():
        _write_for_ever()
    assert db.session.query(Brand).count() == 0


def test_who_counts_on_the_longest_transaction_is_right(app: GuideApp) -> None:
    assert LONGEST_TRANSACTION.total_seconds() > connections.LIMIT_SECONDS
    assert LONGEST_TRANSACTION.total_seconds() >= JOB_TIMEOUT_SECONDS
