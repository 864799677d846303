"""Counts of what happened lately, shared by all processes: in Redis, each for a window of time, then gone.

While Redis is down nothing is counted: that nobody could get in would be worse than that guesses go uncounted.
"""

import logging
from collections.abc import Callable
from typing import Any

from flask import current_app
from redis import Redis, RedisError

from kit import clock
from kit.rates import PAUSE

log = logging.getLogger(__name__)

PREFIX = "count:"


def add(key: str, *, window_seconds: int, amount: int = 1) -> int:
    """Count one more, or `amount`; how many there are in the window that the first one opened."""

    def count(redis: Redis) -> Any:
        with redis.pipeline() as pipeline:
            pipeline.incrby(PREFIX + key, amount)
            pipeline.expire(PREFIX + key, window_seconds, nx=True)
            return pipeline.execute()[0]

    return int(_ask(count) or 0)


def read(key: str) -> int:
    """How many there are in the current window."""
    return int(_ask(lambda redis: redis.get(PREFIX + key)) or 0)


def forget(key: str) -> None:
    """Begin again at 0."""
    _ask(lambda redis: redis.delete(PREFIX + key))


def _ask(question: Callable[[Redis], Any]) -> Any:
    """What Redis answers; None while it is down and left alone."""
    state, now = current_app.extensions["counters"], clock.now()
    if state.paused_until is not None and now < state.paused_until:
        return None
    try:
        return question(state.redis)
    except RedisError as error:
        state.paused_until = now + PAUSE
        log.warning("nothing is counted for %s: %s", PAUSE, error)
        return None
