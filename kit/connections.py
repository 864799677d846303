"""What PostgreSQL is told about our connections and transactions, in one place for every engine.

Directly it is told when a connection is made. Through a pooler that hands connections on with each transaction
(PgBouncer, `pool_mode = transaction`) nothing that is said of a connection would last, and statements prepared on one
would be missing on the next: there it is told at the beginning of each transaction, and nothing is prepared.
"""

from collections.abc import Mapping
from datetime import timedelta
from time import monotonic
from typing import Any

from psycopg import Connection as DriverConnection
from sqlalchemy import Connection, Engine, event

from kit.db import IN_TRANSACTIONS, LONGEST_TRANSACTION, READING, REPORTING
from kit.errors import Unavailable
from kit.words import say

# What an instant is older than the transaction that writes it down.
MARGIN = timedelta(minutes=1)
LIMIT_SECONDS = (LONGEST_TRANSACTION - MARGIN).total_seconds()
LIMIT = f"{LIMIT_SECONDS:.0f}s"
# Set-wise statements look dearer to the planner than they are, and compiling them costs more than it saves (jit).
# A waiter gives up after 10 s, and a client that vanished inside a transaction frees its locks after a minute.
SETTINGS = {
    "jit": "off",
    "timezone": "UTC",
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "60s",
}
# Since PostgreSQL 17. Before, it is the next statement and the commit that come too late.
TRANSACTION_TIMEOUT_SINCE = 17
# Temporary tables hold what a merge of products works on; the memory is taken only by connections that merge. It
# cannot be set any more once a connection has used one, so not for each transaction.
TEMP_BUFFERS = "64MB"
CONNECT_SECONDS = 5
READERS = (READING, REPORTING)
# Whoever asked to see something has hung up by then.
READ_SECONDS = 10
# Of a process; as many reports run at once (guideapi/front). More would only take the database from everybody else.
REPORTS_AT_ONCE = 2


class TransactionTooLong(Unavailable):
    """What was done is undone: others count on no transaction lasting so long."""

    code = "transaction_too_long"


def settings(engine: str | None, *, statement_seconds: int) -> Mapping[str, str]:
    """What is said to every connection of `engine` (READING, REPORTING, or None: all else).

    `statement_seconds` are a request's; 0 is for jobs, whose statements last as long as their transaction may.

    A plan that is kept is one for any values: good for what a request reads of a page, which it spares the planning;
    bad where the values say how much there is to read (a period, a list of orders), and these are what jobs and
    reports ask.
    """
    plans = "auto" if statement_seconds and engine != REPORTING else "force_custom_plan"
    seconds = min(statement_seconds, READ_SECONDS) if engine in READERS else statement_seconds
    limit = f"{seconds}s" if seconds else LIMIT
    return {**SETTINGS, "plan_cache_mode": plans, "statement_timeout": limit}


def engine_options(engine: str | None, settings: Mapping[str, str], *, pool_size: int, pooler: bool) -> dict[str, Any]:
    """How an engine is made: READING, REPORTING or the one for all else; `pooler`: behind one that hands on."""
    options: dict[str, Any] = {
        "pool_size": REPORTS_AT_ONCE if engine == REPORTING else pool_size,
        "max_overflow": 0,
        "pool_timeout": 10,
        # The one used last knows the statements: it has planned them.
        "pool_use_lifo": True,
        "hide_parameters": True,  # an error in the log names no values
        "connect_args": {"connect_timeout": CONNECT_SECONDS},
    }
    if pooler:
        options["connect_args"]["prepare_threshold"] = None
        options["execution_options"] = {IN_TRANSACTIONS: True}
        return options
    said = {**settings, "temp_buffers": TEMP_BUFFERS}
    if engine in READERS:
        said["default_transaction_read_only"] = "on"
        options |= {"isolation_level": "AUTOCOMMIT", "skip_autocommit_rollback": True}
    options["connect_args"]["options"] = " ".join(f"-c {name}={value}" for name, value in said.items())
    return options


def watch(key: str | None, engine: Engine, settings: Mapping[str, str], *, pooler: bool) -> None:
    """Keep to the settings what could not be said when the engine was made, and let no transaction last too long."""
    event.listen(engine, "begin", _note_begin)
    event.listen(engine, "commit", _refuse_late_commit)
    if not pooler:
        event.listen(engine, "connect", _limit_transactions)
        return

    def tell(connection: Connection) -> None:
        driver: Any = connection.connection.driver_connection
        driver.execute(_at_begin(settings, _server_version(driver), reading=key in READERS))

    event.listen(engine, "begin", tell)


def _at_begin(settings: Mapping[str, str], server_version: int, *, reading: bool) -> str:
    newer = {"transaction_timeout": LIMIT} if server_version >= TRANSACTION_TIMEOUT_SINCE else {}
    access = ["SET TRANSACTION READ ONLY"] if reading else []
    return "; ".join([*access, *(f"SET LOCAL {name} = '{value}'" for name, value in {**settings, **newer}.items())])


def _limit_transactions(connection: DriverConnection[Any], _record: Any) -> None:
    """As a start-up option, older servers would refuse it and the connection."""
    if _server_version(connection) < TRANSACTION_TIMEOUT_SINCE:
        return
    autocommit = connection.autocommit
    connection.autocommit = True
    connection.execute(f"SET transaction_timeout = '{LIMIT}'")
    connection.autocommit = autocommit


def _server_version(connection: DriverConnection[Any]) -> int:
    return connection.info.server_version // 10_000


def _note_begin(connection: Connection) -> None:
    connection.info["began_at"] = monotonic()


def _refuse_late_commit(connection: Connection) -> None:
    if monotonic() - connection.info["began_at"] > LIMIT_SECONDS:
        raise TransactionTooLong(say("transaction_too_long", seconds=round(LIMIT_SECONDS)), retry_after_seconds=1)
