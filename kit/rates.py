"""How often somebody asked in the last minute: counters in Redis, which all processes share.

A sliding window of two fixed ones: this minute's count, and of the last minute's the part that is less than a minute
old. A process counts up to ten uses at once, a hundredth of what is left, and asks again when they are used up: few
requests wait for Redis, and the last of an allowance are still counted one by one. Asking while refused counts too.
When Redis is down everyone is let through: a shop goes on selling.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from math import ceil
from threading import Lock
from typing import Any

from flask import current_app
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

WINDOW_SECONDS = 60
# One command and one answer: a pipeline of three takes the client twice as long.
COUNT = """
local now = redis.call('INCRBY', KEYS[1], ARGV[1])
if now == tonumber(ARGV[1]) then redis.call('EXPIRE', KEYS[1], ARGV[2]) end
return {now, redis.call('GET', KEYS[2])}
"""
# One part in so many of what is left is counted at once, and never more than this.
SHARE = 100
MOST_AT_ONCE = 10
# Callers of whom a process remembers that; beyond, it asks for each anew.
MOST_KEPT = 10_000
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


@dataclass
class Portion:
    """Uses in one window that were counted at once: those not yet used, and what the allowance has left beyond them."""

    window: int
    unused: int  # -1 when not even one was left
    remaining: int


def spend(name: str, *, limit: int, at: datetime) -> Spent | None:
    """Count one use by `name`; None when there is nothing to count with."""
    state = current_app.extensions["rates"]
    window, elapsed = divmod(at.timestamp(), WINDOW_SECONDS)
    portion = state.take(name, int(window))
    if portion is None:
        if state.paused_until is not None and at < state.paused_until:
            return None
        try:
            portion = _count(state, name, limit=limit, window=int(window), elapsed=elapsed)
        except RedisError as error:
            state.paused_until = at + PAUSE
            log.warning("rate limits are off for %s: %s", PAUSE, error)
            return None
    return Spent(
        limit=limit,
        remaining=max(0, portion.remaining + portion.unused),
        reset_seconds=max(1, ceil(WINDOW_SECONDS - elapsed)),
        allowed=portion.unused >= 0,
    )


@dataclass
class Rates:
    """The connection that counts, with short timeouts of its own, and until when it is left alone."""

    redis: Redis
    count: Callable[..., Any]
    paused_until: datetime | None = None
    portions: dict[str, Portion] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def take(self, name: str, window: int) -> Portion | None:
        """What `name` has after one more use of what was counted in advance; None when there is nothing of it."""
        with self.lock:
            portion = self.portions.get(name)
            if portion is None or portion.window != window or portion.unused < 1:
                return None
            portion.unused -= 1
            return replace(portion)

    def share(self, name: str, window: int) -> int:
        """How many uses to count at once: one, until it is known that many are left."""
        portion = self.portions.get(name)
        known = portion.remaining if portion and portion.window == window else 0
        return max(1, min(MOST_AT_ONCE, known // SHARE))

    def keep(self, name: str, portion: Portion) -> None:
        with self.lock:
            if len(self.portions) >= MOST_KEPT:
                self.portions.clear()
            self.portions[name] = portion


def connect(redis_url: str) -> Rates:
    """Counters in the Redis at `redis_url`; opens no connection yet."""
    redis = impatient(redis_url, seconds=0.25)
    return Rates(redis, count=redis.register_script(COUNT))


def impatient(redis_url: str, *, seconds: float) -> Redis:
    """A client that gives up after one attempt of `seconds`: by default it would try again, with a request waiting."""
    return Redis.from_url(
        redis_url, socket_timeout=seconds, socket_connect_timeout=seconds, retry=Retry(NoBackoff(), 0)
    )


def _count(state: Rates, name: str, *, limit: int, window: int, elapsed: float) -> Portion:
    keys = [f"rate:{name}:{window}", f"rate:{name}:{window - 1}"]
    counted = state.share(name, window)
    now, before = state.count(keys=keys, args=[counted, 2 * WINDOW_SECONDS])
    used = now + int(int(before or 0) * (1 - elapsed / WINDOW_SECONDS))
    granted = counted - max(0, used - limit)
    portion = Portion(window=window, unused=max(0, granted) - 1, remaining=max(0, limit - used))
    state.keep(name, replace(portion))
    return portion
