"""The catalog beside what it cannot beat: imports beside COPY + MERGE, lists beside a bare route with the same SQL.

`python -m benchmarks.catalog [--skus N] [--turns N] [--only-lists] [--json]`; the promise is made for 1,000,000 SKUs.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from sqlalchemy import text

from benchmarks import catalog_lists, spent
from benchmarks.bare_catalog import seconds_to_merge
from benchmarks.catalog_feed import products, write_lines, write_rows
from benchmarks.in_process import call
from catalog import queries, service
from guideapi import database
from guideapi.app import GuideApp, create_app
from guideapi.config import Config
from guideapi.embedded import EmbeddedPostgres, EmbeddedValkey
from kit import clock, signing
from kit.db import db, unit_of_work
from staff import service as staff_service

Figures = dict[str, float | int | str]
PUSHES = (("new", 1), ("changed", 2), ("unchanged", 2))
SETTINGS = ("database_url", "redis_url", "secret_key", "storage_url", "log_level")
BATCHES = 20
DEAD = text("SELECT relname, n_dead_tup FROM pg_stat_user_tables WHERE relname IN ('product', 'sku')")


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--skus", type=int, default=100_000)
    parser.add_argument("--turns", type=int, default=3, help="of changed and of unchanged imports")
    parser.add_argument("--only-lists", action="store_true", help="one import, which is not measured, and the lists")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    figures = measure(skus=options.skus, turns=options.turns, only_lists=options.only_lists)
    out = json.dumps(figures) if options.json else "\n".join(f"{name:>44} {value}" for name, value in figures.items())
    sys.stdout.write(out + "\n")


def measure(*, skus: int, turns: int, only_lists: bool = False) -> Figures:
    """Imports, pushes and lists, each beside its limit of the same run."""
    figures: Figures = {"SKUs": skus}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with servers(folder) as config:
            app = create_app(config)
            with app.app_context():
                _make_sources()
                if only_lists:
                    write_lines(folder / "feed.jsonl", skus=skus, version=1)
                    _import_in_a_child(config, folder / "feed.jsonl")
                else:
                    figures |= _imports(config, folder, skus, turns)
                with unit_of_work():
                    db.session.execute(text("ANALYZE"))
                if not only_lists:
                    figures |= _pushes(app)
            # Outside: a request of the server's has no context, and no session, to find.
            figures |= catalog_lists.measure(app, config)
    return figures


@contextmanager
def servers(folder: Path) -> Iterator[Config]:
    """A migrated database and a Valkey of this run's own."""
    with (
        EmbeddedPostgres.start(folder / "postgres", durable=False) as postgres,
        EmbeddedValkey.start(folder / "valkey", durable=False) as valkey,
    ):
        postgres.create_database("bench")
        config = Config(
            database_url=postgres.url("bench"),
            redis_url=valkey.url,
            secret_key="b" * 40,
            storage_url=(folder / "files").as_uri(),
            log_level="WARNING",
        )
        database.migrate(config)
        yield config


def _make_sources() -> None:
    with unit_of_work():
        for code in ("push", "feed"):
            service.create_source(code=code, name=code)


def _imports(config: Config, folder: Path, skus: int, turns: int) -> Figures:
    """Each stage in turns with its peer, A B A B; what is changed is changed again by every turn."""
    figures: Figures = {}
    for stage, versions in (("new", [1]), ("changed", range(2, 2 + turns)), ("unchanged", [1 + turns] * turns)):
        dead = _dead()
        told = [_import_beside_bare(config, folder, skus=skus, version=version) for version in versions]
        figures[f"import {stage} SKUs/s"] = round(median(skus / turn["seconds"] for turn in told))
        figures[f"import {stage} bare COPY+MERGE rows/s"] = round(median(skus / turn["bare_seconds"] for turn in told))
        figures[f"import {stage} of bare"] = round(median(turn["of_bare"] for turn in told), 3)
        figures[f"import {stage} CPU s"] = round(median(turn["cpu"] for turn in told), 2)
        figures[f"import {stage} bare CPU s"] = round(median(turn["bare_cpu"] for turn in told), 2)
        figures[f"import {stage} of bare by CPU"] = round(median(turn["of_bare_by_cpu"] for turn in told), 3)
        figures[f"import {stage} peak MB over base"] = round(max(turn["peak_mb"] - turn["base_mb"] for turn in told))
        figures[f"import {stage} dead tuples made"] = str({name: n - dead[name] for name, n in _dead().items()})
        figures[f"import {stage} run"] = told[-1]["run"]
        by_turn = [(round(turn["of_bare"], 3), round(turn["of_bare_by_cpu"], 3)) for turn in told]
        sys.stderr.write(f"import {stage}, of bare by the clock and by CPU: {by_turn}\n")
    return figures


def _import_beside_bare(config: Config, folder: Path, *, skus: int, version: int) -> dict[str, Any]:
    lines, rows = folder / "feed.jsonl", folder / "rows.tsv"
    write_lines(lines, skus=skus, version=version)
    write_rows(rows, skus=skus, version=version)
    url = config.database_url.replace("+psycopg", "")
    server = spent.server_of(url)
    before = spent.by_server(server), spent.here()
    bare_seconds = seconds_to_merge(url, rows)
    between = spent.by_server(server), spent.here()
    told = _import_in_a_child(config, lines)
    bare_cpu = sum(between) - sum(before)
    cpu = spent.by_server(server) - between[0] + told["cpu_seconds"]
    return {
        **told,
        "bare_seconds": bare_seconds,
        "of_bare": bare_seconds / told["seconds"],
        "cpu": cpu,
        "bare_cpu": bare_cpu,
        "of_bare_by_cpu": bare_cpu / cpu,
    }


def _dead() -> dict[str, int]:
    with unit_of_work():
        db.session.execute(text("SELECT pg_stat_force_next_flush(), pg_stat_clear_snapshot()"))
        return {row.relname: row.n_dead_tup for row in db.session.execute(DEAD)}


def _import_in_a_child(config: Config, lines: Path) -> dict[str, Any]:
    """What a process like a worker's says of its import: see benchmarks.catalog_import."""
    settings = {name: getattr(config, name) for name in SETTINGS}
    order = json.dumps({"config": settings, "lines": str(lines)})
    command = [sys.executable, "-m", "benchmarks.catalog_import"]
    done = subprocess.run(command, input=order.encode(), stdout=subprocess.PIPE, check=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _pushes(app: GuideApp) -> Figures:
    """Items a second of signed batches of 1,000, each its own transaction: new, then changed, then unchanged."""
    with unit_of_work():
        key = staff_service.create_api_key(name="bench", scopes=["products:write"])
        secret = service.add_secret(source=queries.get_source("push"), secret=None)
    figures: Figures = {}
    for stage, version in PUSHES:
        batches = _batches(version)
        seconds = sum(_push(app, body, key, secret) for body in batches)
        figures[f"push {stage} items/s"] = round(BATCHES * 1000 / seconds)
        sys.stderr.write(f"push {stage}: {figures[f'push {stage} items/s']:,} items/s\n")
    return figures


def _batches(version: int) -> list[bytes]:
    items = []
    for item in products(BATCHES * 4000, version=version):
        sku = {**item["skus"][0], "code": f"push {item['external_id']}"}  # type: ignore[index]
        items.append({**item, "skus": [sku]})
    return [json.dumps({"items": items[n : n + 1000]}).encode() for n in range(0, len(items), 1000)]


def _push(app: GuideApp, body: bytes, key: str, secret: str) -> float:
    at = clock.now()
    signature = signing.sign(secret=secret, message_id="m", at=at, body=body)
    headers = {
        "HTTP_AUTHORIZATION": f"Bearer {key}",
        "HTTP_WEBHOOK_ID": "m",
        "HTTP_WEBHOOK_TIMESTAMP": str(int(at.timestamp())),
        "HTTP_WEBHOOK_SIGNATURE": signature,
    }
    started = perf_counter()
    answer = call(app, "POST", "/v1/sources/push/products", body=body, headers=headers)
    seconds = perf_counter() - started
    if b'"rejected"' in answer:
        raise RuntimeError(f"a push was rejected: {answer[:300]!r}")
    return seconds


if __name__ == "__main__":
    main()
