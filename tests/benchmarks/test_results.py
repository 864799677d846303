"""What a figure is held against."""

import json
from io import StringIO
from pathlib import Path

from rich.console import Console

from benchmarks.results import Result, paired, print_table, write_json


def test_pairs_are_compared_one_by_one() -> None:
    result = paired(name="x", unit="requests/s", pairs=[(50, 100), (300, 400), (90, 100)], peer="bare", at_least=0.7)
    assert (result.value, result.peer_value, result.ratio) == (90, 100, 0.75)
    assert result.passed
    assert result.limit == "≥ 0.7 × peer"


def test_a_ratio_below_its_limit_is_missed() -> None:
    assert not paired(name="x", unit="jobs/s", pairs=[(60, 100)], peer="bare", at_least=0.7).passed


def test_without_a_peer_the_figure_itself_is_held() -> None:
    assert Result(name="load", unit="s", value=61, at_most=60).passed is False
    assert Result(name="load", unit="s", value=60, at_most=60).passed is True


def test_nothing_promised_is_neither_held_nor_missed() -> None:
    assert Result(name="memory", unit="MB", value=1).passed is None


def test_table_and_json_say_the_same(tmp_path: Path) -> None:
    results = [Result(name="load", unit="s", value=61, at_most=60, beside={"rows": 5.0})]
    console = Console(width=150, record=True, file=StringIO())
    print_table(results, console)
    write_json(tmp_path / "figures.json", machine={"cores": 2}, results=results)
    said = json.loads((tmp_path / "figures.json").read_text())
    assert said["machine"] == {"cores": 2}
    assert said["results"][0] | {"name": "load", "value": 61, "passed": False, "limit": "≤ 60"} == said["results"][0]
    table = console.export_text()
    assert all(word in table for word in ("load", "61", "≤ 60", "MISSED", "rows 5"))
