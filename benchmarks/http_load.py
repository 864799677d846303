"""Load on a server from a process beside it, and what it comes to."""

import json
import subprocess
import sys
from dataclasses import asdict, dataclass
from statistics import quantiles

from benchmarks.load_generator import Account, Order
from guideapi.children import CHECKOUT

WARM_SECONDS = 0.5


@dataclass(frozen=True, kw_only=True)
class Load:
    """An account with its rates and percentiles."""

    account: Account

    @property
    def per_second(self) -> float:
        return self.account.answered / self.account.seconds

    @property
    def p50_ms(self) -> float:
        return self._percentile(50)

    @property
    def p99_ms(self) -> float:
        return self._percentile(99)

    @property
    def lost(self) -> int:
        return sum(self.account.lost.values())

    @property
    def failed(self) -> int:
        """Answers that were not 200."""
        return self.account.answered - self.account.statuses.get("200", 0)

    def _percentile(self, percent: int) -> float:
        if len(self.account.milliseconds) < 2:
            return float("nan")
        return quantiles(self.account.milliseconds, n=100, method="inclusive")[percent - 1]


class LoadInProgress:
    """A generator at work; `finish` waits for it."""

    def __init__(self, order: Order) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.load_generator"],
            cwd=CHECKOUT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(asdict(order)).encode())
        self._process.stdin.close()

    def finish(self) -> Load:
        assert self._process.stdout is not None
        answer = self._process.stdout.read()
        if self._process.wait() != 0:
            raise RuntimeError("the load generator failed")
        return Load(account=Account(**json.loads(answer)))


def start_load(
    *,
    port: int,
    path: str,
    token: str | None = None,
    connections: int,
    seconds: float,
    warm_seconds: float = WARM_SECONDS,
    keep_alive: bool = True,
) -> LoadInProgress:
    """Begin to ask `path` from a process of its own."""
    return LoadInProgress(
        Order(
            port=port,
            path=path,
            token=token,
            connections=connections,
            seconds=seconds,
            warm_seconds=warm_seconds,
            keep_alive=keep_alive,
        )
    )
