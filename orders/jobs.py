"""Lines that were sold before their product was known, policies that hold for what was sold, and orders not taken.

A queued job is never the only record: what lines wait for is looked up, and how far a policy is, is written down.
"""

from flask import current_app

from kit import clock
from kit.jobs import enqueue, job
from kit.resealing import reseal_all
from orders import service
from orders.service import policies

CHUNK_LINES = 2_000
CHUNK_DAYS = 50


@job(queue="default", units="one", every=30)
def classify_arrived() -> None:
    """Classify lines whose SKU has come since they were sold, CHUNK_LINES at a time."""
    if service.classify_arrived(limit=CHUNK_LINES, now=clock.now()):
        enqueue(classify_arrived)


@job(queue="bulk", units="one", cron="20 * * * *")
def follow_products() -> None:
    """Classify lines that were sold unknown again where their product has another brand or category now."""
    if service.follow_products(limit=CHUNK_LINES, now=clock.now()):
        enqueue(follow_products)


@job(queue="bulk", units="one", cron="12 19 * * *")
def forget_rejects() -> None:
    """Give up orders and refunds that were rejected long ago, and that nobody mended."""
    service.forget_rejects(now=clock.now())


@job(queue="bulk", units="own", cron="14 20 * * *")
def reseal_rejects() -> None:
    """Seal rejected orders and refunds with the newest key; safe to run again."""
    reseal_all(service.reseal_rejects)


@job(queue="bulk", units="one", every=60)
def apply_policies() -> None:
    """Decide anew on what was sold since a policy is in force, CHUNK_DAYS days of stores at a time."""
    first_open_day = current_app.extensions["first_open_day"]
    if policies.apply_policies(days=CHUNK_DAYS, first_open_day=first_open_day, now=clock.now()):
        enqueue(apply_policies)
