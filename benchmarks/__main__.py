"""`make bench`, or `python -m benchmarks [--only NAME] [--quick] [--json FILE]`; see docs/benchmarks.md."""

import os
import platform
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import click
import psutil
from rich.console import Console

from benchmarks import app_servers, composed, customer_results, jobs, lists, phone, roster, staff
from benchmarks.results import Result, print_table, write_json
from benchmarks.stage import Stage

BENCHMARKS: dict[str, Callable[[Stage], list[Result]]] = {
    "lists": lists.measure,
    "phone": phone.measure,
    "jobs": jobs.measure,
    "posters": composed.measure_posters,
    "content": composed.measure_content,
    "contract": composed.measure_contract,
    "staff": staff.measure,
    "roster": roster.measure,
    "customers": customer_results.measure_customers,
    "load": composed.measure_load,
    "catalog": composed.measure_catalog,
}
# Long, and only of use to decide between servers.
ON_REQUEST: dict[str, Callable[[Stage], list[Result]]] = {"app_servers": app_servers.measure}
WIDTH = 150
ALL = BENCHMARKS | ON_REQUEST


@click.command()
@click.option("--only", type=click.Choice(list(ALL)), multiple=True, help="Measure this; several are allowed.")
@click.option("--quick", is_flag=True, help="Fewer and shorter runs: to see that it works, not for figures.")
@click.option(
    "--json", "json_file", type=click.Path(path_type=Path, dir_okay=False), help="Write the figures here too."
)
@click.option("--skus", type=int, default=100_000, help="Of the catalog; its limits are asked at 1,000,000.")
@click.option("--people", type=int, default=20_000, help="Of the roster; its limits are asked at 100,000.")
def main(only: tuple[str, ...], quick: bool, json_file: Path | None, skus: int, people: int) -> None:
    """Measure, print a table, and end with 1 if a limit was missed."""
    results: list[Result] = []
    # A table for a file or a pipe is not squeezed into eighty columns.
    console = Console() if sys.stdout.isatty() else Console(width=WIDTH)
    with ExitStack() as stack:
        stage = Stage(stack=stack, quick=quick, console=Console(stderr=True), skus=skus, people=people)
        for name in only or BENCHMARKS:
            stage.say(f"measuring {name}")
            results += ALL[name](stage)
    print_table(results, console)
    if json_file:
        write_json(json_file, machine=_machine(), results=results)
    sys.exit(any(result.passed is False for result in results))


def _machine() -> dict[str, object]:
    return {
        "python": platform.python_version(),
        "system": platform.platform(),
        "cores": os.cpu_count(),
        "memory_bytes": psutil.virtual_memory().total,
        "load_average": os.getloadavg(),
    }


if __name__ == "__main__":
    main()
