"""Handing customers on: asked for by a manager, refusable by the customer, done by itself once the time is up."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import select, text

from customers import queries
from customers.items import TransferItem
from customers.queries.bindings import find_working_guide
from customers.queries.policies import get_policy
from customers.queries.transfers import find_waiting_transfer, get_transfer, list_transfer_times
from customers.rules.policies import BindingPolicy
from customers.service.bindings import GuideUnavailable, protected_until
from kit.batches import settle_apart
from kit.db import db
from kit.errors import Conflict, DomainError
from kit.ids import new_id
from kit.principal import Principal
from models import BindingTransfer
from staff.scope import sells_as_text

AT_ONCE = 1000


class CustomerUnbound(Conflict):
    """The customer is nobody's: bind them instead of handing them on."""

    code = "customer_unbound"


class AlreadyTheirs(Conflict):
    """The customer is this guide's already."""

    code = "already_theirs"


class TransferWaiting(Conflict):
    """Another transfer of the customer waits until `until`."""

    code = "transfer_waiting"


class TransferLimit(Conflict):
    """The customer was handed on as often as the policy allows; `until` says when next."""

    code = "transfer_limit"


class TransferOver(Conflict):
    """The transfer is done, lapsed, or past the time in which it could be refused."""

    code = "transfer_over"


DUE = text("""
SELECT id, customer_id FROM binding_transfer
WHERE refused_at IS NULL AND done_at IS NULL AND lapsed_at IS NULL AND effective_at <= :now
ORDER BY effective_at, id LIMIT :at_once""")
# What is still to be done once everybody concerned is locked, with the person that the customer is by now.
FIRM = f"""
WITH firm AS (
  SELECT t.id, t.to_guide_id, g.store_id, b.id AS binding_id, p.id AS person_id
  FROM binding_transfer t
  JOIN customer c ON c.id = t.customer_id JOIN customer p ON p.id = c.person_id
  JOIN binding b ON b.customer_id = p.id AND b.ended_at IS NULL AND b.guide_id = t.from_guide_id
  JOIN staff g ON g.id = t.to_guide_id AND {sells_as_text("g.roles")} AND g.store_id IS NOT NULL
       AND (g.left_on IS NULL OR g.left_on >= CAST(:now AS date))
  WHERE t.id = ANY (:ids) AND t.refused_at IS NULL AND t.done_at IS NULL AND t.lapsed_at IS NULL
)"""  # noqa: S608 - built from constants
END = text(f"""{FIRM}
UPDATE binding SET ended_at = :now, ended_reason = 'transfer' FROM firm WHERE binding.id = firm.binding_id
RETURNING firm.id, firm.person_id, firm.to_guide_id, firm.store_id""")  # noqa: S608 - built from constants
BEGIN = text("""
INSERT INTO binding (customer_id, guide_id, store_id, reason, reference_id, bound_at, protected_until,
  confirmed_at, confirmed_how)
VALUES (:person_id, :to_guide_id, :store_id, 'transfer', :id, :now, :protected_until, :now, 'manager')""")
FINISH = text("""
UPDATE binding_transfer
SET done_at = CASE WHEN id = ANY (:done) THEN CAST(:now AS timestamptz) END,
    lapsed_at = CASE WHEN id = ANY (:done) THEN NULL ELSE CAST(:now AS timestamptz) END
WHERE id = ANY (:ids) AND refused_at IS NULL AND done_at IS NULL AND lapsed_at IS NULL""")


def transfer_customer(customer_id: UUID, *, to_guide_id: UUID, reason: str, by: Principal, now: datetime) -> UUID:
    """The id of a transfer to another guide, which the customer may refuse until it takes effect.

    Raises CustomerNotFound, GuideUnavailable, CustomerUnbound, AlreadyTheirs, TransferWaiting, TransferLimit.
    """
    person_id = queries.lock_person(customer_id, by)
    if find_working_guide(to_guide_id, by, now=now) is None:
        raise GuideUnavailable
    live = queries.find_live_binding(person_id)
    if live is None:
        raise CustomerUnbound
    if live.guide_id == to_guide_id:
        raise AlreadyTheirs
    if waiting := find_waiting_transfer(person_id):
        raise TransferWaiting(until=waiting.effective_at)
    policy = get_policy(BindingPolicy)
    _expect_within_limit(person_id, policy=policy, now=now)
    transfer = BindingTransfer(
        id=new_id(),
        customer_id=person_id,
        from_guide_id=live.guide_id,
        to_guide_id=to_guide_id,
        reason=reason,
        requested_by=by.id,
        requested_at=now,
        effective_at=now + timedelta(hours=policy.refusal_hours),
    )
    db.session.add(transfer)
    db.session.flush()
    if policy.refusal_hours == 0:
        _complete([transfer.id], now=now)
    return transfer.id


def transfer_batch(items: Sequence[tuple[int, TransferItem]], *, by: Principal, now: datetime) -> list[dict[str, Any]]:
    """What became of each: `created`, or `rejected` and why; one refusal leaves the others as they are."""
    # Locked in one order, so that two batches wait for each other and never in a circle.
    queries.lock_people([item.customer_id for _, item in items])
    return [{"index": index, "external_id": str(item.customer_id), **_try(item, by, now)} for index, item in items]


def refuse_transfer(transfer_id: UUID, *, by: Principal, now: datetime) -> None:
    """The customer stays with their guide; said again changes nothing. Raises TransferNotFound, TransferOver."""
    queries.lock_people([get_transfer(transfer_id, by)["customer_id"]])
    wanted = select(BindingTransfer).where(BindingTransfer.id == transfer_id).with_for_update()
    transfer = db.session.scalars(wanted.execution_options(populate_existing=True)).one()
    if transfer.refused_at is not None:
        return
    if transfer.done_at is not None or transfer.lapsed_at is not None or now >= transfer.effective_at:
        raise TransferOver
    transfer.refused_at = now
    db.session.flush()


def complete_transfers(*, now: datetime) -> None:
    """Let customers go over whose time to refuse is up; a transfer whose customer or guide is gone lapses.

    Late or twice is no harm: the binding changes at the moment when this runs. One that the database refuses is logged
    and tried again with the next ones.
    """
    due = db.session.execute(DUE, {"now": now, "at_once": AT_ONCE}).all()
    if due:
        queries.lock_people([row.customer_id for row in due])
        settle_apart(partial(_complete, now=now), [row.id for row in due], kind="transfer")


def _complete(transfer_ids: Sequence[UUID], *, now: datetime) -> None:
    transfer_ids = list(transfer_ids)
    ended = [row._asdict() for row in db.session.execute(END, {"ids": transfer_ids, "now": now})]
    if ended:
        times = {"now": now, "protected_until": protected_until(now)}
        db.session.execute(BEGIN, [{**row, **times} for row in ended])
    db.session.execute(FINISH, {"ids": transfer_ids, "done": [row["id"] for row in ended], "now": now})
    db.session.expire_all()


def _expect_within_limit(person_id: UUID, *, policy: BindingPolicy, now: datetime) -> None:
    window = timedelta(days=policy.transfer_window_days)
    times = list_transfer_times(person_id, since=now - window)
    if len(times) >= policy.transfer_limit:
        raise TransferLimit(until=times[policy.transfer_limit - 1] + window if policy.transfer_limit else None)


def _try(item: TransferItem, by: Principal, now: datetime) -> dict[str, Any]:
    try:
        with db.session.begin_nested():
            transfer_customer(item.customer_id, to_guide_id=item.to_guide_id, reason=item.reason, by=by, now=now)
    except DomainError as refusal:
        return {"outcome": "rejected", "code": refusal.code, "detail": refusal.said}
    return {"outcome": "created"}
