"""A pooled connection is asked whether it lives only where there is doubt: asking costs a request a round trip."""

import select
from time import monotonic
from typing import Any

from psycopg import Connection, Error
from sqlalchemy import Engine, event
from sqlalchemy.exc import InvalidatePoolError

# A firewall may have forgotten a connection that was quiet for longer.
QUIET_SECONDS = 30


def watch(engine: Engine) -> None:
    """Let requests get no connection whose server has gone: it, and all that are as old, are then made anew."""

    def check(connection: Connection[Any], record: Any, _proxy: Any) -> None:
        rested_at = record.info.get("rested_at")
        if rested_at is None or not (monotonic() - rested_at > QUIET_SECONDS or _has_news(connection)):
            return
        if not _answers(engine, connection):
            raise InvalidatePoolError

    event.listen(engine, "checkout", check)
    event.listen(engine, "checkin", _rest)


def _rest(_connection: Any, record: Any) -> None:
    record.info["rested_at"] = monotonic()


def _has_news(connection: Connection[Any]) -> bool:
    """Whether the server said something unasked; an idle one that stops or restarts says goodbye."""
    if connection.closed:
        return True
    news = select.poll()
    news.register(connection.fileno(), select.POLLIN)
    return bool(news.poll(0))


def _answers(engine: Engine, connection: Connection[Any]) -> bool:
    try:
        return engine.dialect.do_ping(connection)  # type: ignore[arg-type]
    except Error:
        return False
