"""The attribution policy: one person writes a version, another approves it, and what was sold since is decided anew."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from uuid import UUID

import msgspec
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from kit import jobs, locks
from kit.db import db, rehearsal
from kit.errors import Conflict
from models import AttributionPolicy, PolicySweep, WithheldDecision
from orders.queries import policies as queries
from orders.rules.attribution import Policy
from orders.service.deciding import decide_again

# The first day of a store on which pay can still change; None: every day is open. The roof has it from commissions.
FirstOpenDay = Callable[[UUID], date | None]


class PolicyApproved(Conflict):
    """The version is approved already; it never changes again."""

    code = "attribution_policy_approved"


class PolicySamePerson(Conflict):
    """Who wrote a version of the policy may not approve it."""

    code = "attribution_policy_same_person"


class PolicyOutOfOrder(Conflict):
    """A version in force from then or later is approved already."""

    code = "attribution_policy_out_of_order"


def add_policy(policy: Policy, *, effective_from: datetime, created_by: UUID) -> UUID:
    """A draft, in force for orders made from then on once somebody else approves it; its id."""
    locks.hold(queries.POLICIES_LOCK)
    number = 1 + (db.session.scalar(select(func.max(AttributionPolicy.number))) or 1)
    draft = AttributionPolicy(
        number=number, document=msgspec.to_builtins(policy), effective_from=effective_from, created_by=created_by
    )
    db.session.add(draft)
    db.session.flush()
    return draft.id


def approve_policy(policy_id: UUID, *, approved_by: UUID, now: datetime) -> None:
    """Put a version in force for good; a job decides anew on orders made since, and lists those of closed days.

    Raises PolicyNotFound, PolicyApproved, PolicySamePerson, PolicyOutOfOrder.
    """
    # Whoever decides meanwhile has read the old versions: wait for them, and let the next ones wait for us.
    locks.hold(queries.POLICIES_LOCK)
    policy = queries.lock_policy(policy_id)
    if policy.approved_at is not None:
        raise PolicyApproved
    if policy.created_by == approved_by:
        raise PolicySamePerson
    last = queries.find_last_start()
    if last is not None and policy.effective_from <= last:
        raise PolicyOutOfOrder
    policy.approved_by, policy.approved_at = approved_by, now
    # A business day begins, somewhere, a day before it does in UTC.
    db.session.add(PolicySweep(policy_id=policy.id, day=policy.effective_from.date() - timedelta(days=1)))
    jobs.enqueue("orders.jobs:apply_policies")


def apply_policies(*, days: int, first_open_day: FirstOpenDay, now: datetime) -> bool:
    """Decide anew on the next `days` days of stores since a version is in force; whether there may be more to do."""
    found = queries.lock_sweep()
    if found is None:
        return False
    sweep, policy = found
    for _ in range(days):
        following = queries.find_next_day(day=sweep.day, store_id=sweep.store_id)
        if following is None:
            sweep.done_at = now
            return True
        _apply(policy, *following, first_open_day=first_open_day, now=now)
        sweep.day, sweep.store_id = following
    return True


def _apply(
    policy: AttributionPolicy, day: date, store_id: UUID, *, first_open_day: FirstOpenDay, now: datetime
) -> None:
    orders = queries.list_orders_of_day(day=day, store_id=store_id, since=policy.effective_from)
    if not orders:
        return
    opened = first_open_day(store_id)
    if opened is None or day >= opened:
        decide_again(orders, cause="policy", now=now)
        return
    with rehearsal():
        withheld = decide_again(orders, cause="policy", now=now)
    if withheld:
        rows = [{"policy_id": policy.id, "line_id": line_id, "noted_at": now} for line_id in withheld]
        db.session.execute(insert(WithheldDecision).values(rows).on_conflict_do_nothing())
