"""How often somebody asked in the last minute: counters in Redis, one round trip a time.

A sliding window of two fixed ones: this minute's count, and of the last minute's the part that is less than a minute
old. Asking while refused counts too. When Redis is down everyone is let through: a shop goes on selling.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from flask import current_app
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

WINDOW_SECONDS = 60
# One command and one answer: a pipeline of three takes the client twice as long.
COUNT = """
local now = redis.call('INCR', KEYS[1])
if now == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
return {now, redis.call('GET', KEYS[2])}
"""
# How long Redis is left alone after it failed, so that its absence does not slow down every request.
PAUSE = timedelta(seconds=5)
log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Spent:
    """What is left of an allowance of `limit` a minute, and the seconds until the window moves on."""

    limit: int
    remaining: int
    reset_seconds: int
    allowed: bool


def spend(name: str, *, limit: int, at: datetime) -> Spent | None:
    """Count one use by `name`; None when there is nothing to count with."""
    state = current_app.extensions["rates"]
    if state.paused_until is not None and at < state.paused_until:
        return None
    try:
        used, elapsed = _count(state, name, at)
    except RedisError as error:
        state.paused_until = at + PAUSE
        log.warning("rate limits are off for %s: %s", PAUSE, error)
        return None
    reset_seconds = max(1, ceil(WINDOW_SECONDS - elapsed))
    return Spent(limit=limit, remaining=max(0, limit - used), reset_seconds=reset_seconds, allowed=used <= limit)


@dataclass
class Rates:
    """The connection that counts, with short timeouts of its own, and until when it is left alone."""

    redis: Redis
    count: Callable[..., Any]
    paused_until: datetime | None = None


def connect(redis_url: str) -> Rates:
    """Counters in the Redis at `redis_url`; opens no connection yet."""
    once = Retry(NoBackoff(), 0)  # by default it would try again for seconds, with a client waiting
    redis = Redis.from_url(redis_url, socket_timeout=0.25, socket_connect_timeout=0.25, retry=once)
    return Rates(redis, count=redis.register_script(COUNT))


def _count(state: Rates, name: str, at: datetime) -> tuple[int, float]:
    number, elapsed = divmod(at.timestamp(), WINDOW_SECONDS)
    keys = [f"rate:{name}:{int(number)}", f"rate:{name}:{int(number) - 1}"]
    now, before = state.count(keys=keys, args=[2 * WINDOW_SECONDS])
    return now + int(int(before or 0) * (1 - elapsed / WINDOW_SECONDS)), elapsed
