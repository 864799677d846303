"""The statements behind one answer of the real application, as its driver sent them, sign-in's included."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from sqlalchemy import event

from guideapi.app import GuideApp
from kit.db import close_connections, db

Statement = tuple[str, Any]


def recorded(house: GuideApp, path: str, *, token: str) -> list[Statement]:
    """What `house`, an application for this alone, sent for a GET of `path`; raises RuntimeError unless it is a 200."""
    client = house.test_client()
    headers = {"Authorization": f"Bearer {token}"}
    with _listening(house) as statements:
        # The first one fills what the process keeps for good.
        for _ in range(2):
            statements.clear()
            answer = client.get(path, headers=headers)
    if answer.status_code != 200:
        raise RuntimeError(f"{path}: {answer.status} {answer.text}")
    return statements


@contextmanager
def _listening(house: GuideApp) -> Iterator[list[Statement]]:
    statements: list[Statement] = []

    class Listener(psycopg.Cursor[Any]):
        def execute(self, query: Any, params: Any = None, **options: Any) -> "Listener":
            statements.append((str(query), params))
            return super().execute(query, params, **options)

    def listen(connection: psycopg.Connection[Any], _record: Any) -> None:
        connection.cursor_factory = Listener

    with house.app_context():
        close_connections()
        for engine in db.engines.values():
            event.listen(engine, "connect", listen)
        yield statements
        for engine in db.engines.values():
            event.remove(engine, "connect", listen)
        close_connections()
