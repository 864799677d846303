"""The real year: what the whole load takes, beside the floor of PostgreSQL itself, a bare COPY of the same rows.

`python -m benchmarks.load [--json] [--baskets N]`. Starts a PostgreSQL and a Valkey of its own in a temporary folder,
durable as `make run` starts them, and loads the year through the rooms' own ways in. Then every table that a stage
filled is written out and copied into a twin of it: the same columns, defaults, primary keys and indexes, without
foreign keys, triggers, or anything to decide. Both stand in the same run; `times_copy` is their ratio.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from time import perf_counter
from typing import Any

import psycopg
from psycopg import sql
from rich.console import Console
from rich.table import Table

from guideapi import database
from guideapi.app import create_app
from guideapi.config import Config
from guideapi.embedded import EmbeddedPostgres, EmbeddedValkey
from samples import completejourney

TABLES = {
    "people": ("region", "store", "staff"),
    "products": ("brand", "category", "product", "sku", "shelf_event"),
    "orders": ("customer", "sales_order", "order_line", "attribution_decision", "credit", "attribution"),
    "commissions": ("ledger_account", "ledger_transaction", "ledger_entry", "order_posting"),
    "performance": ("guide_day", "closed_day"),
}
CHUNK_BYTES = 1 << 20


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--baskets", type=int, help="only the first N baskets of 155,848")
    options = parser.parse_args()
    with redirect_stdout(sys.stderr):  # the load shows its own progress
        figures = measure(baskets=options.baskets)
    if options.json:
        json.dump(figures, sys.stdout, indent=2)
    else:
        _show(figures)


def measure(*, baskets: int | None = None) -> dict[str, Any]:
    """Seconds, rows and memory of a first and a second load by stage, and of the bare copies."""
    with _servers() as (config, folder):
        database.migrate(config)
        with create_app(config).app_context():
            first, second = (completejourney.load(baskets=baskets) for _ in range(2))
        copied = _copy_all(config.database_url, folder)
    stages = [{**stage.as_dict(), **_beside(stage.seconds, copied.get(stage.name))} for stage in first]
    return {
        "stages": stages,
        "seconds": sum(stage.seconds for stage in first),
        "peak_rss_mib": max(stage.peak_rss_mib for stage in first),
        "second_load": {
            "seconds": sum(stage.seconds for stage in second),
            "rows_written": sum(stage.written for stage in second),
        },
        "cpus": os.cpu_count(),
    }


@contextmanager
def _servers() -> Iterator[tuple[Config, Path]]:
    """Servers of our own; the worker processes find them by the environment."""
    with (
        tempfile.TemporaryDirectory() as name,
        EmbeddedPostgres.start(Path(name) / "postgres", throwaway=True) as postgres,
        EmbeddedValkey.start(Path(name) / "valkey") as valkey,
    ):
        postgres.create_database("load")
        files = (Path(name) / "files").as_uri()
        os.environ |= {"DATABASE_URL": postgres.url("load"), "REDIS_URL": valkey.url, "STORAGE_URL": files}
        os.environ["SECRET_KEY"] = "a benchmark's key, of no use to anyone"  # noqa: S105
        yield Config.from_env(), Path(name)


def _copy_all(url: str, folder: Path) -> dict[str, dict[str, float]]:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        return {stage: _copy_tables(connection, tables, folder / "rows") for stage, tables in TABLES.items()}


def _copy_tables(connection: psycopg.Connection, tables: Sequence[str], path: Path) -> dict[str, float]:
    seconds, rows = 0.0, 0
    for table in tables:
        _write_out(connection, table, path)
        twin = sql.Identifier(f"bare_{table}")
        connection.execute(sql.SQL("CREATE TABLE {} (LIKE {} INCLUDING ALL)").format(twin, sql.Identifier(table)))
        start = perf_counter()
        rows += _read_in(connection, twin, path)
        seconds += perf_counter() - start
        connection.execute(sql.SQL("DROP TABLE {}").format(twin))
    return {"copy_rows": rows, "copy_seconds": seconds}


def _write_out(connection: psycopg.Connection, table: str, path: Path) -> None:
    statement = sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(table))
    with connection.cursor().copy(statement) as rows, path.open("wb") as file:
        file.writelines(rows)


def _read_in(connection: psycopg.Connection, table: sql.Identifier, path: Path) -> int:
    cursor = connection.cursor()
    with cursor.copy(sql.SQL("COPY {} FROM STDIN").format(table)) as rows, path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            rows.write(chunk)
    return cursor.rowcount


def _beside(seconds: float, copied: dict[str, float] | None) -> dict[str, float]:
    return {**copied, "times_copy": round(seconds / copied["copy_seconds"], 1)} if copied else {}


def _show(figures: dict[str, Any]) -> None:
    table = Table("stage", "rows", "seconds", "rows/s", "COPY rows", "COPY seconds", "x COPY", "peak RSS MiB")
    for stage in figures["stages"]:
        table.add_row(
            stage["name"],
            f"{stage['rows']:,}",
            f"{stage['seconds']:.1f}",
            f"{stage['rows_per_second']:,}",
            f"{stage.get('copy_rows', 0):,}",
            f"{stage.get('copy_seconds', 0):.1f}",
            str(stage.get("times_copy", "")),
            str(stage["peak_rss_mib"]),
        )
    console = Console()
    console.print(table)
    second = figures["second_load"]
    console.print(
        f"whole load {figures['seconds']:.0f} s on {figures['cpus']} CPUs; "
        f"second load {second['seconds']:.0f} s, {second['rows_written']} rows written"
    )


if __name__ == "__main__":
    main()
