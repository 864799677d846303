"""How often somebody asked in the last minute: counters in Redis, one round trip a time.

A sliding window of two fixed ones: this minute's count, and of the last minute's the part that is less than a minute
old. Asking while refused counts too. When Redis is down everyone is let through: a shop goes on selling.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from flask import current_app
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

WINDOW_SECONDS = 60
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
        used, elapsed = _count(state.redis, name, at)
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
    paused_until: datetime | None = None


def connect(redis_url: str) -> Rates:
    """Counters in the Redis at `redis_url`; opens no connection yet."""
    once = Retry(NoBackoff(), 0)  # by default it would try again for seconds, with a client waiting
    return Rates(Redis.from_url(redis_url, socket_timeout=0.25, socket_connect_timeout=0.25, retry=once))


def _count(redis: Redis, name: str, at: datetime) -> tuple[int, float]:
    number, elapsed = divmod(at.timestamp(), WINDOW_SECONDS)
    key = f"rate:{name}:{int(number)}"
    with redis.pipeline(transaction=False) as pipeline:
        pipeline.incr(key)
        pipeline.expire(key, 2 * WINDOW_SECONDS)
        pipeline.get(f"rate:{name}:{int(number) - 1}")
        now, _, before = pipeline.execute()
    return now + int(int(before or 0) * (1 - elapsed / WINDOW_SECONDS)), elapsed
