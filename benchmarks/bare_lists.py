"""Bare Flask routes that run the very SQL of the real list endpoints: `benchmarks.bare_lists:app`, for an API server.

Each route is recorded at start: the real application answers its path once, and the statements it sent to PostgreSQL,
the sign-in's among them, are what the bare route runs, on plain psycopg, a connection a thread. It checks no token,
counts nothing, logs nothing; it writes the last statement's rows as JSON.
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

# PATHS and TOKEN come by the environment because an application server takes no arguments for its application.
PATHS, TOKEN = "BENCHMARK_PATHS", "BENCHMARK_TOKEN"


def create_bare_app() -> Flask:
    """A bare twin of every path."""
    config = Config.from_env()
    house = create_app(config)
    app = Flask("bare", static_folder=None)
    connect = _connections(config.database_url)
    for number, path in enumerate(os.environ.get(PATHS, "").split()):
        view = _view(connect, recorded(house, path, token=os.environ[TOKEN]))
        app.add_url_rule(f"/{number}", endpoint=str(number), view_func=view)
    app.add_url_rule("/healthz", endpoint="healthz", view_func=lambda: Response(b"{}", mimetype="application/json"))
    return app


def _connections(url: str) -> Callable[[], psycopg.Connection[dict[str, Any]]]:
    kept = threading.local()

    def connect() -> psycopg.Connection[dict[str, Any]]:
        if not hasattr(kept, "connection"):
            kept.connection = psycopg.connect(url.replace("+psycopg", "", 1), row_factory=dict_row)
        connection: psycopg.Connection[dict[str, Any]] = kept.connection
        return connection

    return connect


def _view(
    connect: Callable[[], psycopg.Connection[dict[str, Any]]], statements: list[Statement]
) -> Callable[[], Response]:
    def view() -> Response:
        rows: list[dict[str, Any]] = []
        connection = connect()
        with connection.cursor() as cursor:
            for statement, parameters in statements:
                cursor.execute(statement, parameters)
                rows = cursor.fetchall() if cursor.description else []
        connection.commit()
        return Response(orjson.dumps(rows, default=str), mimetype="application/json")

    return view


app = create_bare_app() if PATHS in os.environ else None
