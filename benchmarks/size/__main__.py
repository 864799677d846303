"""`python -m benchmarks.size [--scale 0.05] [--plans] [--json FILE]`; see docs/benchmarks.md.

Fills a chain of 20,000 stores, or one smaller by the scale, and one of 12; asks both the same, and prints what the
database did, small beside large: milliseconds, rows read, pages looked at.
"""

import json
import sys
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from benchmarks.house import House, open_house
from benchmarks.size.asking import Asked, ask_all
from benchmarks.size.chain import Chain
from benchmarks.size.fill import fill
from benchmarks.size.idle import measure_idle
from kit.db import close_connections

WIDTH = 150
REQUEST_SECONDS = 30
console = Console() if sys.stdout.isatty() else Console(width=WIDTH)


@click.command()
@click.option("--scale", type=click.FloatRange(0.002, 1), default=1.0, help="Of 20,000 stores.")
@click.option("--plans", is_flag=True, help="Print the plan of what took longer than it may.")
@click.option("--json", "json_file", type=click.Path(path_type=Path, dir_okay=False), help="Write all figures, too.")
def main(scale: float, plans: bool, json_file: Path | None) -> None:
    """Fill, ask, print; end with 1 if something took longer than it may."""
    small = _measure(Chain.small())
    large = _measure(Chain.of_scale(scale))
    console.print(_table(small, large))
    late = [asked for asked in large.values() if asked.is_late]
    for asked in late if plans else ():
        console.print(asked.plans(), markup=False)
    if json_file:
        rows = [{**large[key].figures(), "small": small[key].figures()} for key in large if key in small]
        json_file.write_text(json.dumps(rows, ensure_ascii=False, indent=1))
    console.print(f"{len(late)} of {len(large)} took longer than they may")
    sys.exit(bool(late))


def _measure(chain: Chain) -> dict[tuple[str, str], Asked]:
    with ExitStack() as stack:
        house = stack.enter_context(open_house())
        working, serving = house.app(), _without_second_factor(house).app(statement_seconds=REQUEST_SECONDS)
        with working.app_context():
            seconds = fill(house.environment["DATABASE_URL"], chain)
            console.print(f"{chain.stores:,} stores filled in {seconds:.0f} s")
        with serving.app_context():
            found = ask_all(serving, chain)
            close_connections()
        with working.app_context():
            found |= measure_idle()
            close_connections()
            return found


def _without_second_factor(house: House) -> House:
    return replace(house, environment={**house.environment, "MONEY_SECOND_FACTOR": "optional"})


def _table(small: dict[tuple[str, str], Asked], large: dict[tuple[str, str], Asked]) -> Table:
    table = Table("what", "who", title="Small beside large")
    for name in ("ms", "large", "16th", "may", "rows", "large", "pages", "large", "16th"):
        table.add_column(name, justify="right")
    for key, asked in large.items():
        few = small[key]
        times = (f"{few.ms:.1f}", f"{asked.ms:.1f}", f"{asked.kept_ms:.1f}", f"{asked.limit_ms:.0f}")
        counts = (few.rows, asked.rows, few.buffers, asked.buffers, asked.kept_buffers)
        style = "bold red" if asked.is_late else None
        table.add_row(*key, *times, *(f"{count:,}" for count in counts), style=style)
    return table


if __name__ == "__main__":
    main()
