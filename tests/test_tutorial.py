"""docs/tutorial.md runs: its shell blocks, on the demo chain, against the processes that `make run` starts."""

import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from guideapi import api_server
from guideapi.app import GuideApp
from guideapi.children import Child
from guideapi.config import Config
from kit import clock
from samples.demo import chain
from tests import make
from tests.conftest import ROOT, process_environment
from tests.guideapi.launched import free_port

TUTORIAL = ROOT / "docs/tutorial.md"
ZONE = ZoneInfo("Asia/Shanghai")
# From today, and in the stores: another day than the page shows, and an hour at which nobody is written to.
DAYS, HOUR = 9, time(22, 45)
TRADE_DAYS = 2
PATIENCE_SECONDS = 300
GRACE_SECONDS = 30
# The shell's clock as that of the processes.
DATE = 'date() { command date -d "@$(($(command date +%s) + CLOCK_SHIFT))" "$@"; }\n'
MARK = "== answer =="
NAME = re.compile(r'"(\w+)":')
# What an answer says the same on every day.
STEADY = re.compile(r'"(?:code|outcome|reason|blocked_by|shelf_status|attribution|plan_code)": "[\w-]+"')
DIFFERS = re.compile(r"SG\d+|WALK-\d+")


def blocks() -> list[str]:
    """The shell blocks of the page."""
    return re.findall(r"^```sh\n(.*?)^```$", TUTORIAL.read_text(), re.MULTILINE | re.DOTALL)


def shown() -> list[str]:
    """The answers that the page shows, in order."""
    return re.findall(r"^(?:# .*\n)+", "".join(blocks()), re.MULTILINE)


def script() -> str:
    """All blocks as one script, which marks in its output where each shown answer ends."""
    return DATE + "set -e\n" + re.sub(r"^(?:# .*\n)+", f"echo; echo '{MARK}'\n", "".join(blocks()), flags=re.MULTILINE)


def test_the_walk_runs_on_another_day_and_at_night(
    app: GuideApp, config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shift = until(datetime.now(ZONE).date() + timedelta(days=DAYS), HOUR)
    monkeypatch.setattr(clock, "now", lambda: datetime.now(UTC) + shift)
    chain.load(trade_days=TRADE_DAYS)
    with chain_at(shift, config, tmp_path) as url:
        said = walk(url, shift, tmp_path)
    judge(said)


def until(day: date, hour: time) -> timedelta:
    """How far that moment is from now, in whole seconds."""
    return timedelta(seconds=int((datetime.combine(day, hour, ZONE) - datetime.now(UTC)).total_seconds()))


@contextmanager
def chain_at(shift: timedelta, config: Config, folder: Path) -> Iterator[str]:
    """API, worker and scheduler at another time; the address of the API."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environment = {
        **process_environment(config),
        "PYTHONPATH": str(ROOT / "tests/shifted"),
        "CLOCK_SHIFT": str(int(shift.total_seconds())),
        "PUBLIC_URL": url,
        "MONEY_SECOND_FACTOR": "optional",
    }
    commands = {
        "api": api_server.command(port=port),
        "worker": ("guideapi", "worker"),
        "scheduler": ("guideapi", "scheduler"),
    }
    children = [start(command, environment, folder / f"{name}.log") for name, command in commands.items()]
    try:
        make.wait_until(lambda: answers(url), seconds=PATIENCE_SECONDS)
        yield url
    finally:
        for child in children:
            child.ask_to_stop()
        for child in children:
            child.stop(grace_seconds=GRACE_SECONDS)


def start(command: tuple[str, ...], environment: dict[str, str], log: Path) -> Child:
    with log.open("wb") as output:
        return Child.start(
            [sys.executable, "-m", *command],
            folder=ROOT,
            stop_signal=signal.SIGINT,
            environment=environment,
            output=output,
        )


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=10) as response:
            return bool(response.status == 200)
    except urllib.error.URLError:
        return False


def walk(url: str, shift: timedelta, folder: Path) -> list[str]:
    """Run the page; what it printed up to each answer that it shows."""
    environment = {**os.environ, "B": url, "CLOCK_SHIFT": str(int(shift.total_seconds()))}
    ran = subprocess.run(
        ["bash", "-c", script()],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_SECONDS,
    )
    assert ran.returncode == 0, ran.stdout[-2000:] + ran.stderr
    return ran.stdout.split(MARK)[:-1]


def judge(said: list[str]) -> None:
    """Each answer has the fields, and says the steady words, that the page shows for it by day."""
    assert len(said) == len(shown()) > 8
    for answer, example in zip(said, shown(), strict=True):
        if '"skipped"' in example:
            assert '"nobody_to_contact"' in answer, answer
            assert '"quiet_hours"' in answer, answer
            continue
        missing = set(NAME.findall(example)) - set(NAME.findall(answer))
        assert not missing, (missing, answer[:1000])
        expected = {word for word in STEADY.findall(example) if not DIFFERS.search(word)}
        assert not {word for word in expected if word not in compact(answer)}, (expected, answer[:1000])


def compact(answer: str) -> str:
    """The answer as the page writes JSON: one blank after each colon."""
    return re.sub(r'":\s*', '": ', answer)
