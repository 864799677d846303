"""Bare Flask routes that run the very SQL of the real list endpoints: `benchmarks.bare_lists:app`, for an API server.

Each route is recorded at start: the real application answers its path once, and the statements it sent to PostgreSQL,
the sign-in's among them, are what the bare route runs, on plain psycopg, a connection a thread, without transactions,
as the real one. It checks no token, counts nothing, logs nothing; it writes the last statement's rows as JSON.
Below `/alone/` the same routes run that last statement only.
"""

import os
import threading
from collections.abc import Callable
from typing import Any

import orjson
import psycopg
from flask import Flask, Response
from psycopg.rows import dict_row

from benchmarks.recorded import Statement, recorded
from guideapi.app import create_app
from guideapi.config import Config

Rows = list[dict[str, Any]]
# PATHS and TOKEN come by the environment because an application server takes no arguments for its application.
PATHS, TOKEN = "BENCHMARK_PATHS", "BENCHMARK_TOKEN"


def write_rows(rows: Rows) -> bytes:
    """The rows as they are."""
    return orjson.dumps(rows, default=str)


def create_bare_app(write: Callable[[Rows], bytes] = write_rows) -> Flask:
    """A bare twin of every path, by its number, whose answer is what `write` makes of the rows."""
    config = Config.from_env()
    house = create_app(config)
    app = Flask("bare", static_folder=None)
    connect = _connections(config.database_url)
    for number, path in enumerate(os.environ.get(PATHS, "").split()):
        statements = recorded(house, path, token=os.environ[TOKEN])
        for route, sent in ((f"/{number}", statements), (f"/alone/{number}", statements[-1:])):
            app.add_url_rule(route, endpoint=route, view_func=_view(connect, sent, write))
    app.add_url_rule("/healthz", endpoint="healthz", view_func=lambda: Response(b"{}", mimetype="application/json"))
    return app


def _connections(url: str) -> Callable[[], psycopg.Connection[dict[str, Any]]]:
    kept = threading.local()

    def connect() -> psycopg.Connection[dict[str, Any]]:
        if not hasattr(kept, "connection"):
            plain = url.replace("+psycopg", "", 1)
            kept.connection = psycopg.connect(plain, row_factory=dict_row, autocommit=True)
        connection: psycopg.Connection[dict[str, Any]] = kept.connection
        return connection

    return connect


def _view(
    connect: Callable[[], psycopg.Connection[dict[str, Any]]],
    statements: list[Statement],
    write: Callable[[Rows], bytes],
) -> Callable[[], Response]:
    def view() -> Response:
        rows: Rows = []
        with connect().cursor() as cursor:
            for statement, parameters in statements:
                cursor.execute(statement, parameters)
                rows = cursor.fetchall() if cursor.description else []
        return Response(write(rows), mimetype="application/json")

    return view


app = create_bare_app() if PATHS in os.environ else None
