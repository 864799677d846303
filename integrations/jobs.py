"""Background work of the integrations room."""

from integrations import service
from integrations.service.feeds import BATCH, FEEDS
from kit import clock, jobs
from kit.db import unit_of_work

MAX_ROUNDS = 50


def derive_deliveries() -> None:
    """Owe every subscriber what happened since last time, and send it."""
    for feed in FEEDS:
        for _ in range(MAX_ROUNDS):
            with unit_of_work():
                if service.derive_deliveries(feed=feed, now=clock.now()) < BATCH:
                    break
    jobs.enqueue("integrations.jobs:deliver_due", once_key="deliver")


def deliver_due() -> None:
    """Send what is due until nothing is, or others should have their turn."""
    for _ in range(MAX_ROUNDS):
        if service.deliver_due(now=clock.now()) == 0:
            return


def reseal_secrets() -> None:
    """Seal the secrets of subscriptions with the newest key; safe to run again."""
    after = service.reseal_secrets()
    while after is not None:
        after = service.reseal_secrets(after=after)
