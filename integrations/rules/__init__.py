"""When to try again, and what an answer means."""

from datetime import timedelta

KINDS = (
    *("product.shelf_changed", "task.changed", "statement.approved"),
    # These go in batches.
    *("order.changed", "customer.changed", "content.changed", "commission.posted"),
)

# After the first attempt, and each next one: together three days, as the Standard Webhooks specification advises.
DELAYS = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
LONGEST_WISH = timedelta(days=1)


def is_taken(status: int) -> bool:
    """Whether the receiver has the event: any 2xx; redirects are not followed."""
    return 200 <= status < 300


def is_gone(status: int) -> bool:
    """Whether the receiver wants no more events at all."""
    return status == 410


def next_delay(attempts: int, *, wish_seconds: str | None) -> timedelta | None:
    """How long to wait after `attempts` failures, at least what Retry-After wants (a day at most); None: give up."""
    if attempts > len(DELAYS):
        return None
    readable = wish_seconds is not None and wish_seconds.isdecimal() and len(wish_seconds) < 7
    wish = timedelta(seconds=int(wish_seconds)) if wish_seconds and readable else timedelta(0)
    return max(DELAYS[attempts - 1], min(wish, LONGEST_WISH))
