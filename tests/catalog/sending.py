"""Files to send, workers to read them, and what came of it."""

import json
from collections.abc import Callable
from typing import Any

from rq import SimpleWorker

from kit import jobs

Send = Callable[..., dict[str, Any]]


def work() -> None:
    """Run what is queued, and what that queues, until nothing is left."""
    SimpleWorker(list(jobs.QUEUES), connection=jobs.connection()).work(burst=True, logging_level="ERROR")


def lines(count: int, *, start: int = 0, **fields: Any) -> bytes:
    """JSON Lines of `count` products without versions."""
    items = [
        {
            "external_id": f"P{n}",
            "title": f"商品{n}",
            "brand": "花屿",
            "category": "护肤",
            "shelf_status": "on_shelf",
            "skus": [{"code": f"K{n}", "price": 100}],
            **fields,
        }
        for n in range(start, start + count)
    ]
    return b"".join(json.dumps(item).encode() + b"\n" for item in items)


def counts(run: dict[str, Any]) -> dict[str, int]:
    names = ("created", "updated", "unchanged", "stale", "rejected", "off_shelved")
    return {name: run[name] for name in names if run[name]}
