"""What the catalog is compared to: COPY + MERGE into one plain table, and a bare Flask route with the same SQL."""

from pathlib import Path
from time import perf_counter
from typing import Any
from uuid import UUID

import orjson
import psycopg
from flask import Flask, Response
from psycopg.rows import dict_row

from benchmarks.recorded import Statement

COLUMNS = "code, barcode, price, list_price, external_id, version, title, brand, category, shelf_status"
TYPES = """
  code text PRIMARY KEY, barcode text, price bigint, list_price bigint, external_id text, version bigint, title text,
  brand text, category text, shelf_status text
"""
MERGE = """
MERGE INTO bare_sku k USING bare_staging s ON k.code = s.code
WHEN MATCHED AND (k.barcode, k.price, k.list_price, k.title, k.brand, k.category, k.shelf_status)
     IS DISTINCT FROM (s.barcode, s.price, s.list_price, s.title, s.brand, s.category, s.shelf_status)
  THEN UPDATE SET barcode = s.barcode, price = s.price, list_price = s.list_price, version = s.version,
                  title = s.title, brand = s.brand, category = s.category, shelf_status = s.shelf_status
WHEN NOT MATCHED THEN INSERT VALUES (s.code, s.barcode, s.price, s.list_price, s.external_id, s.version, s.title,
                                     s.brand, s.category, s.shelf_status)
"""
CHUNK_BYTES = 1 << 20


def seconds_to_merge(url: str, rows: Path) -> float:
    """Seconds from a file of ready-made rows to a committed MERGE; nothing is parsed, checked or counted."""
    with psycopg.connect(url) as connection:
        connection.execute(f"CREATE TABLE IF NOT EXISTS bare_sku ({TYPES})")
        connection.execute(f"CREATE TEMPORARY TABLE bare_staging ({TYPES.replace('PRIMARY KEY', '')})")
        connection.commit()
        started = perf_counter()
        with connection.cursor().copy(f"COPY bare_staging ({COLUMNS}) FROM STDIN") as copy, rows.open("rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                copy.write(chunk)
        connection.execute("ANALYZE bare_staging")
        connection.execute(MERGE)
        connection.commit()
        return perf_counter() - started


def bare_app(url: str, statements: dict[str, list[Statement]]) -> Flask:
    """A route per name that runs its statements and writes the last one's rows as the house's route would.

    Nobody signs in: whatever the first statements find is not looked at.
    """
    app = Flask("bare")
    connection = psycopg.connect(url, row_factory=dict_row, autocommit=True)

    def view(name: str) -> Response:
        for statement, parameters in statements[name]:
            rows = connection.execute(statement, parameters).fetchall()
        body = {"items": [_priced(row) for row in rows[:20]], "next_cursor": "x" * 90}
        return Response(orjson.dumps(body, default=_plain), mimetype="application/json")

    app.add_url_rule("/<name>", view_func=view)
    return app


def _priced(row: dict[str, Any]) -> dict[str, Any]:
    currency = row.pop("currency")
    for name in ("price", "list_price"):
        amount = row.pop(f"{name}_fen")
        row[name] = None if amount is None else {"amount": amount, "currency": currency}
    return row


def _plain(value: object) -> str:
    assert isinstance(value, UUID)
    return str(value)
