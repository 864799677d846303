"""Fills an empty database with a made-up chain, by COPY, and computes what jobs would have computed."""

from collections.abc import Callable
from datetime import timedelta
from time import perf_counter

import psycopg
from psycopg import sql

# Declares the tables, those that others refer to first.
from benchmarks.size import facts, people, tasks  # noqa: F401
from benchmarks.size.chain import DAYS, Chain
from benchmarks.size.tables import TABLES, Table
from clienteling.service import rebuild_figures
from kit import clock
from kit.db import db, unit_of_work
from performance.service import rebuild_days

# Months that recurring jobs would have made in their time.
MONTHS = """
SELECT add_month(whole, (date_trunc('month', now()) - make_interval(months => step))::date)
FROM generate_series(0, 3) step,
     unnest(ARRAY['forward', 'forward_text', 'touch', 'task_occurrence', 'assignment', 'assignment_event']) whole"""
PRICES = "INSERT INTO product_price SELECT product_id, min(price_fen) FROM sku WHERE listed GROUP BY product_id"
# With the triggers, rows would be logged and checked one by one; the rows that a trigger keeps are made at once.
UNCHECKED = "SET session_replication_role = replica"


def fill(database_url: str, chain: Chain, *, say: Callable[[str], None] = lambda _: None) -> float:
    """Write the chain into an empty database, in the application's context; how many seconds it took."""
    started = perf_counter()
    with psycopg.connect(database_url.replace("+psycopg", "")) as connection:
        connection.execute(MONTHS)
        connection.execute(UNCHECKED)
        for table in TABLES:
            began = perf_counter()
            rows = _copy(connection, table, chain)
            say(f"{table.name}: {rows:,} rows in {perf_counter() - began:.1f} s")
        connection.execute(PRICES)
    _vacuum(database_url)
    _compute(chain, say)
    _vacuum(database_url)
    return perf_counter() - started


def _copy(connection: psycopg.Connection, table: Table, chain: Chain) -> int:
    into = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, table.columns))
    )
    with connection.cursor() as cursor:
        with cursor.copy(into) as copy:
            for row in table.rows(chain):
                copy.write_row(row)
        return cursor.rowcount


def _compute(chain: Chain, say: Callable[[str], None]) -> None:
    began = perf_counter()
    for ago in range(DAYS + 1):
        day = chain.today - timedelta(days=ago)
        with unit_of_work():
            rebuild_days(day, day)
    say(f"figures of {DAYS} days in {perf_counter() - began:.1f} s")
    began = perf_counter()
    with unit_of_work():
        rebuild_figures(as_of=chain.today, now=clock.now())
    say(f"figures of customers in {perf_counter() - began:.1f} s")
    db.session.remove()


def _vacuum(database_url: str) -> None:
    with psycopg.connect(database_url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
