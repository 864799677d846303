"""Two application servers on the real endpoints, in turn: rates, evenness, memory, and what they do to requests
when reloaded, stopped, killed, or kept waiting. docs/adr/0005 and 0011 are decided by such figures.

Not part of a plain `make bench`: `python -m benchmarks --only app_servers`.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from statistics import median

from benchmarks.app_server_faults import FAULTS, Figures
from benchmarks.house import PYTHON_M, Api, House, free_port, serve
from benchmarks.results import Result, paired
from benchmarks.sitting import Sitting, sit
from benchmarks.stage import Stage
from guideapi import api_server

OURS, PEER = "uvicorn", "gunicorn"
TARGET = "benchmarks.slow_app:app"
PATHS = ("/healthz", "/v1/tasks", "/v1/content", "/v1/products")
# Connections, and whether they are kept.
SHAPES = ((8, True), (32, True), (8, False))
ROUNDS = 3

Shape = tuple[str, int, bool]


def measure(stage: Stage) -> list[Result]:
    """Rates in pairs, a fresh server each time, then the bad days."""
    rates: dict[Shape, list[tuple[Sitting, Sitting]]] = defaultdict(list)
    memory: list[tuple[float, float]] = []
    for number in range(1 if stage.quick else ROUNDS):
        stage.say(f"app servers: round {number + 1}")
        ours, ours_bytes = _sittings(stage, OURS)
        theirs, their_bytes = _sittings(stage, PEER)
        memory.append((ours_bytes / 1e6, their_bytes / 1e6))
        for shape in ours:
            rates[shape].append((ours[shape], theirs[shape]))
    results = [result for shape, pairs in rates.items() for result in _of_shape(shape, pairs)]
    results.append(paired(name=f"{OURS}: memory after load", unit="MB (PSS)", pairs=memory, peer=PEER))
    return results + _bad_days(stage)


def _sittings(stage: Stage, server: str) -> tuple[dict[Shape, Sitting], int]:
    token = stage.token("guide")
    seconds = 1.0 if stage.quick else 2.0
    with served(stage.house, server) as api:
        found = {
            (path, connections, keep_alive): sit(
                api, path=path, token=token, connections=connections, seconds=seconds, keep_alive=keep_alive
            )
            for path in PATHS
            for connections, keep_alive in SHAPES
        }
        return found, api.memory_bytes()


def _of_shape(shape: Shape, pairs: Sequence[tuple[Sitting, Sitting]]) -> list[Result]:
    path, connections, keep_alive = shape
    name = f"{OURS}: {path}, {connections} {'kept' if keep_alive else 'new'} connections"
    rates = [(ours.load.per_second, theirs.load.per_second) for ours, theirs in pairs]
    costs = [(ours.cpu_ms, theirs.cpu_ms) for ours, theirs in pairs]
    waits: dict[str, float] = {}
    shares: dict[str, float] = {}
    for server, sittings in zip((OURS, PEER), zip(*pairs, strict=True), strict=True):
        waits[f"{server} p50 ms"] = median(sitting.load.p50_ms for sitting in sittings)
        waits[f"{server} p99 ms"] = median(sitting.load.p99_ms for sitting in sittings)
        shares[f"{server} busiest worker"] = max(sitting.busiest_share for sitting in sittings)
    return [
        paired(name=name, unit="requests/s", pairs=rates, peer=PEER, beside=waits),
        paired(name=name, unit="CPU ms/request", pairs=costs, peer=PEER, beside=shares),
    ]


def _bad_days(stage: Stage) -> list[Result]:
    results = []
    for name, fault in FAULTS.items():
        stage.say(f"app servers: {name}")
        found: dict[str, Figures] = {}
        for server in (OURS, PEER):
            with served(stage.house, server) as api:
                found[server] = fault(api, stage.token("guide"))
        results.append(_of_fault(name, found))
    return results


def _of_fault(name: str, found: dict[str, Figures]) -> Result:
    first = next(iter(found[OURS]))
    details = {f"{server} {what}": number for server in found for what, number in found[server].items()}
    return Result(
        name=f"{OURS}: {name}",
        unit=first,
        value=found[OURS][first],
        peer=PEER,
        peer_value=found[PEER][first],
        beside={what: number for what, number in details.items() if not what.endswith(first)},
    )


def command(server: str, *, port: int, target: str = TARGET) -> tuple[str, ...]:
    """How to start `server` with 2 workers of 4 threads each."""
    arguments = {"uvicorn": api_server.command, "gunicorn": _gunicorn}[server](port=port, target=target)
    return (*PYTHON_M, *arguments)


def _gunicorn(*, port: int, target: str) -> tuple[str, ...]:
    return (
        *("gunicorn", "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread"),
        *("--workers", str(api_server.WORKERS), "--threads", str(api_server.THREADS)),
        *("--graceful-timeout", str(api_server.DRAIN_SECONDS), "--no-control-socket"),
        target,
    )


@contextmanager
def served(house: House, server: str) -> Iterator[Api]:
    """A fresh server of that kind."""
    port = free_port()
    with serve(house, name=server, command=command(server, port=port), port=port) as api:
        yield api
