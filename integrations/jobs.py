"""Background work of the integrations room."""

from integrations import service
from integrations.service.batches import READ
from integrations.service.feeds import BATCH, FEEDS
from kit import clock
from kit.db import unit_of_work
from kit.jobs import enqueue, job
from kit.resealing import reseal_all

MAX_ROUNDS = 50


@job(queue="default", units="own", every=5)
def derive_deliveries() -> None:
    """Owe every subscriber what happened since last time, and send it."""
    for feed in FEEDS:
        for _ in range(MAX_ROUNDS):
            with unit_of_work():
                if service.derive_deliveries(feed=feed, now=clock.now()) < BATCH:
                    break
    for _ in range(MAX_ROUNDS):
        with unit_of_work():
            if service.derive_batches(now=clock.now()) < READ:
                break
    enqueue(deliver_due, once_key="deliver")


@job(queue="default", units="own", every=15)
def deliver_due() -> None:
    """Send what is due until nothing is, or others should have their turn."""
    for _ in range(MAX_ROUNDS):
        if service.deliver_due(now=clock.now()) == 0:
            return


@job(queue="bulk", units="own", cron="7 20 * * *")
def reseal_secrets() -> None:
    """Seal the secrets of subscriptions with the newest key; safe to run again."""
    reseal_all(service.reseal_secrets)


@job(queue="bulk", units="own", cron="45 19 * * *")
def forget_deliveries() -> None:
    """Remove deliveries that ended long ago; safe to run again."""
    service.forget_deliveries(now=clock.now())
