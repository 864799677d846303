"""Lines that were sold before their product was known. Nothing is queued for them: what they wait for is looked up."""

from kit import clock
from kit.jobs import enqueue, job
from orders import service

CHUNK_LINES = 2_000


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
