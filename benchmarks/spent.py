"""CPU time, which a machine that others use hardly changes: of this process, and of a whole PostgreSQL."""

import contextlib
import resource

import psutil
import psycopg


def server_of(url: str) -> psutil.Process:
    """The first process of the PostgreSQL on this machine that `url` leads to."""
    with psycopg.connect(url) as connection:
        parent = psutil.Process(connection.info.backend_pid).parent()
    assert parent is not None
    return parent


def by_server(first: psutil.Process) -> float:
    """Seconds that the server has spent so far, its living processes and those that have ended."""
    seconds = float(sum(first.cpu_times()[:4]))
    for child in first.children():
        with contextlib.suppress(psutil.NoSuchProcess):
            seconds += sum(child.cpu_times()[:2])
    return seconds


def here() -> float:
    """Seconds that this process has spent so far."""
    spent = resource.getrusage(resource.RUSAGE_SELF)
    return spent.ru_utime + spent.ru_stime
