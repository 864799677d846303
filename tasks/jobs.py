"""Background work of tasks."""

from uuid import UUID

from kit import clock
from kit.jobs import enqueue, job
from tasks.service import closing, counting, materialise


@job(queue="default", units="one")
def materialise_shard(*, plan_id: str, shard: int) -> None:
    """Make the missing tasks of a plan in a shard of its stores; safe to run again, and at once with others."""
    materialise.materialise_plan(UUID(plan_id), shard=shard, now=clock.now())


@job(queue="default", units="one")
def materialise_all(*, plan_id: str) -> None:
    """The same in all of its stores."""
    materialise.materialise_plan(UUID(plan_id), shard=None, now=clock.now())


@job(queue="default", units="one", every=300)
def materialise_plans() -> None:
    """Make the tasks of the days ahead, and let them follow who is there: of each plan that goes on, by shards."""
    for plan_id, stores in materialise.list_published(now=clock.now()).items():
        if stores <= materialise.WHOLE:
            enqueue(materialise_all, once_key=f"tasks {plan_id}", plan_id=str(plan_id))
            continue
        for shard in materialise.ALL_SHARDS:
            enqueue(materialise_shard, once_key=f"tasks {plan_id} {shard}", plan_id=str(plan_id), shard=shard)


@job(queue="default", units="one", every=60)
def count_facts() -> None:
    """Store which tasks facts have completed, or undone; safe to run again."""
    counting.count_recent(now=clock.now())


@job(queue="default", units="one", every=60)
def close_due() -> None:
    """Close what is past its deadline, where the plan says so; safe to run again."""
    closing.close_due(now=clock.now())


@job(queue="bulk", units="one", cron="50 18 * * *")
def add_months() -> None:
    """Make the partitions of the months ahead; safe to run again."""
    materialise.add_months(now=clock.now())
