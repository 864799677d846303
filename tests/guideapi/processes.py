"""Watching real processes from tests."""

import time
from collections.abc import Callable, Iterable

import psutil

PATIENCE_SECONDS = 180


def until(condition: Callable[[], object], *, what: str) -> None:
    """Return once `condition` holds; fails with `what` when it never does."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(0.02)


def family(pid: int) -> list[psutil.Process]:
    """The process and everything below it."""
    parent = psutil.Process(pid)
    return [parent, *parent.children(recursive=True)]


def all_gone(processes: Iterable[psutil.Process]) -> bool:
    """Whether none of them runs any more; an unreaped one doesn't."""
    return not any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in processes)
