"""What an import is compared to: COPY + MERGE of ready-made rows into one plain table."""

from pathlib import Path
from time import perf_counter

import psycopg

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
