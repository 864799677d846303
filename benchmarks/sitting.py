"""One load on one server, and what it cost there."""

from collections.abc import Sequence
from dataclasses import dataclass

import psutil

from benchmarks.house import Api
from benchmarks.http_load import WARM_SECONDS, Load, start_load


@dataclass(frozen=True, kw_only=True)
class Sitting:
    """One load on one server, and what it cost there."""

    load: Load
    cpu_seconds_by_worker: Sequence[float]

    @property
    def cpu_ms(self) -> float:
        """CPU milliseconds of the server's workers for one answer: unlike rates, a busy machine hardly changes it."""
        return sum(self.cpu_seconds_by_worker) * 1000 / self.load.account.answered

    @property
    def busiest_share(self) -> float:
        """The busiest worker's share of the work; 0.5 is even for two."""
        return max(self.cpu_seconds_by_worker) / sum(self.cpu_seconds_by_worker)


def sit(
    api: Api, *, path: str, token: str | None, connections: int, seconds: float, keep_alive: bool = True
) -> Sitting:
    """Load the server for `seconds`."""
    load = start_load(
        port=api.port, path=path, token=token, connections=connections, seconds=seconds, keep_alive=keep_alive
    )
    before = {worker.pid: _cpu_seconds(worker) for worker in api.workers()}
    done = load.finish()
    used = [_cpu_seconds(worker) - before[worker.pid] for worker in api.workers()]
    # The warm-up is in the CPU figure, and not in the count of answers.
    counted = seconds / (seconds + WARM_SECONDS)
    return Sitting(load=done, cpu_seconds_by_worker=[cpu * counted for cpu in used])


def _cpu_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)
