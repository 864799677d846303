"""Bare twins of product lists, which write what the house writes: `benchmarks.bare_products:app`, for an API server."""

import os
from typing import Any

import orjson

from benchmarks.bare_lists import PATHS, Rows, create_bare_app

LIMIT = 20


def write_page(rows: Rows) -> bytes:
    """A page of products with their prices, and something as long as a cursor."""
    cut = bool(rows) and bool(rows[0].get("cut"))
    return orjson.dumps({"items": [_priced(row) for row in rows[:LIMIT]], "next_cursor": "x" * 90, "cut": cut})


def _priced(row: dict[str, Any]) -> dict[str, Any]:
    row.pop("cut", None)
    row.pop("lowest_fen", None)
    row["thumbnail_url"] = f"/thumbnails/{row['image_key']}" if row["image_key"] else None
    currency = row.pop("currency")
    for name in ("price", "list_price"):
        amount = row.pop(f"{name}_fen")
        row[name] = None if amount is None else {"amount": amount, "currency": currency}
    return row


app = create_bare_app(write_page) if PATHS in os.environ else None
