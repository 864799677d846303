"""The list endpoints on the real server processes, in turn with bare Flask routes that run the same SQL.

Both applications have an API server of their own, alike and over one PostgreSQL; only one of them is asked at a time.
"""

from statistics import median

from benchmarks import bare_lists
from benchmarks.house import PYTHON_M, Api, free_port, serve
from benchmarks.results import Result, paired
from benchmarks.sitting import Sitting, sit
from benchmarks.stage import Stage
from guideapi import api_server

PATHS = (
    "/v1/tasks",
    "/v1/content",
    "/v1/products",
    "/v1/commissions/summary",
    "/v1/commissions/entries",
    "/v1/performance/me",
    "/v1/leaderboards?metric=net_sales&scope=company",
)
CONNECTIONS = 8
ROUNDS = 5
# Sign-in, rate limits, the ORM's session, validation, logs and metrics may make a request four times as dear.
AT_LEAST = 0.25
# The generator must be able to ask this many times faster than any list is answered.
GENERATOR_AT_LEAST = 2


def measure(stage: Stage) -> list[Result]:
    """Requests a second of each list beside its bare route, and how fast the generator itself can ask."""
    token = stage.token("guide")
    ports = {"house": free_port(), "bare": free_port()}
    bare = {bare_lists.PATHS: " ".join(PATHS), bare_lists.TOKEN: token}
    house_command = (*PYTHON_M, *api_server.command(port=ports["house"]))
    bare_command = (*PYTHON_M, *api_server.command(port=ports["bare"], target="benchmarks.bare_lists:app"))
    with (
        serve(stage.house, name="api", command=house_command, port=ports["house"]) as ours,
        serve(stage.house, name="bare", command=bare_command, port=ports["bare"], **bare) as theirs,
    ):
        results = []
        for number, path in enumerate(PATHS):
            stage.say(f"lists: {path}")
            pairs = [
                (_ask(stage, ours, path, token), _ask(stage, theirs, f"/{number}", None)) for _ in range(_rounds(stage))
            ]
            results.append(_of_path(path, pairs))
        ceiling = _ask(stage, theirs, "/healthz", None)
    return [*results, _of_generator(ceiling, fastest=max(result.peer_value or 0 for result in results))]


def _rounds(stage: Stage) -> int:
    return 2 if stage.quick else ROUNDS


def _ask(stage: Stage, api: Api, path: str, token: str | None) -> Sitting:
    return sit(api, path=path, token=token, connections=CONNECTIONS, seconds=1.0 if stage.quick else 2.0)


def _of_path(path: str, pairs: list[tuple[Sitting, Sitting]]) -> Result:
    answered = [ours.load for ours, _ in pairs]
    if failed := sum(load.failed + load.lost for load in answered):
        raise RuntimeError(f"{path}: {failed} requests failed")
    return paired(
        name=f"GET {path}, {CONNECTIONS} kept connections",
        unit="requests/s",
        pairs=[(ours.load.per_second, theirs.load.per_second) for ours, theirs in pairs],
        peer="bare Flask, same SQL",
        at_least=AT_LEAST,
        beside={
            "p50 ms": median(load.p50_ms for load in answered),
            "p99 ms": median(load.p99_ms for load in answered),
            "bare p50 ms": median(theirs.load.p50_ms for _, theirs in pairs),
            "bare p99 ms": median(theirs.load.p99_ms for _, theirs in pairs),
            "CPU ms": median(ours.cpu_ms for ours, _ in pairs),
            "bare CPU ms": median(theirs.cpu_ms for _, theirs in pairs),
        },
    )


def _of_generator(sitting: Sitting, *, fastest: float) -> Result:
    """What the generator could ask on a core of its own, by the CPU it spent on the simplest answers."""
    account = sitting.load.account
    ceiling = account.answered / account.generator_cpu_seconds
    return Result(
        name="load generator, by its own CPU",
        unit="requests/s",
        value=ceiling,
        peer="fastest route above",
        peer_value=fastest,
        ratio=ceiling / fastest,
        at_least=GENERATOR_AT_LEAST,
        beside={"asked of a bare /healthz": sitting.load.per_second},
    )
