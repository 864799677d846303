"""Closing in the background. A queued job is never the only record that work is owed: when a period was closed is."""

from uuid import UUID

from kit import clock
from kit.jobs import enqueue, job
from settlements.queries.settlements import list_uncounted
from settlements.service import settlements as service


@job(queue="bulk", units="one")
def close_settlement(*, settlement_id: str) -> None:
    """Post what a settlement's period owes (UUID), and make its statements."""
    service.close_settlement(settlement_id=UUID(settlement_id), now=clock.now())


@job(queue="bulk", units="one", every=300)
def sweep_settlements() -> None:
    """Have the statements made of periods that were closed since they were made last."""
    for settlement_id in list_uncounted():
        enqueue(close_settlement, once_key=str(settlement_id), settlement_id=str(settlement_id))
