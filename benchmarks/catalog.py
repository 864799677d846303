"""The catalog beside what it cannot beat: imports beside COPY + MERGE, lists beside a bare route with the same SQL.

`python -m benchmarks.catalog [--skus N] [--turns N] [--only PART] [--json]`; the promise is made for 1,000,000 SKUs.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import text

from benchmarks import catalog_lists, catalog_pushes, spent
from benchmarks.bare_catalog import seconds_to_merge
from benchmarks.catalog_feed import write_lines, write_rows
from benchmarks.house import House, open_house
from catalog import service
from kit.db import db, unit_of_work

Figures = dict[str, float | int | str]
PARTS = ("imports", "pushes", "lists")
DEAD = text("SELECT relname, n_dead_tup FROM pg_stat_user_tables WHERE relname IN ('product', 'sku')")


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--skus", type=int, default=100_000)
    parser.add_argument("--turns", type=int, default=3, help="of changed and of unchanged imports")
    parser.add_argument("--only", choices=PARTS, action="append", help="this part; several are allowed")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    figures = measure(skus=options.skus, turns=options.turns, parts=options.only or PARTS)
    out = json.dumps(figures) if options.json else "\n".join(f"{name:>44} {value}" for name, value in figures.items())
    sys.stdout.write(out + "\n")


def measure(*, skus: int, turns: int, parts: Sequence[str] = PARTS) -> Figures:
    """Imports, pushes and lists, each beside its limit of the same run."""
    figures: Figures = {"SKUs": skus}
    with open_house() as house, tempfile.TemporaryDirectory() as folder:
        app = house.app()
        with app.app_context():
            _make_sources()
            if "imports" in parts:
                figures |= _imports(house, Path(folder), skus, turns)
            else:
                _import_in_a_child(house, write_lines(Path(folder) / "feed.jsonl", skus=skus, version=1))
            with unit_of_work():
                db.session.execute(text("ANALYZE"))
        # Outside: a request of the server's has no context, and no session, to find.
        if "pushes" in parts:
            figures |= catalog_pushes.measure(house, app)
        if "lists" in parts:
            figures |= catalog_lists.measure(house, app)
    return figures


def _make_sources() -> None:
    with unit_of_work():
        for code in (catalog_pushes.SOURCE, "feed"):
            service.create_source(code=code, name=code)


def _imports(house: House, folder: Path, skus: int, turns: int) -> Figures:
    """Each stage in turns with its peer, A B A B; what is changed is changed again by every turn."""
    figures: Figures = {}
    for stage, versions in (("new", [1]), ("changed", range(2, 2 + turns)), ("unchanged", [1 + turns] * turns)):
        dead = _dead()
        told = [_import_beside_bare(house, folder, skus=skus, version=version) for version in versions]
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


def _import_beside_bare(house: House, folder: Path, *, skus: int, version: int) -> dict[str, Any]:
    lines, rows = folder / "feed.jsonl", folder / "rows.tsv"
    write_lines(lines, skus=skus, version=version)
    write_rows(rows, skus=skus, version=version)
    url = house.environment["DATABASE_URL"].replace("+psycopg", "")
    server = spent.server_of(url)
    before = spent.by_server(server), spent.here()
    bare_seconds = seconds_to_merge(url, rows)
    between = spent.by_server(server), spent.here()
    told = _import_in_a_child(house, lines)
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


def _import_in_a_child(house: House, lines: Path) -> dict[str, Any]:
    """What a process like a worker's says of its import: see benchmarks.catalog_import."""
    command = [sys.executable, "-m", "benchmarks.catalog_import", str(lines)]
    done = subprocess.run(command, env=dict(house.environment), stdout=subprocess.PIPE, check=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


if __name__ == "__main__":
    main()
