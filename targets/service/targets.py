"""Targets: set by the level above, or proposed and decided on; each step is kept with its reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from kit import clock, locks
from kit.db import db
from kit.errors import Conflict, DomainError, Forbidden, Invalid
from kit.ids import new_id
from kit.principal import Principal
from kit.versions import expect
from kit.words import say
from models import Target, TargetChange
from targets.queries.days import ZONE
from targets.queries.targets import Subject, get_target, lock_subjects, lock_target
from targets.rules import states
from targets.rules.authority import check_decides, command_of
from targets.service.shares import open_divisions


class TargetExists(Conflict):
    """There is a target of this metric, month and subject already: change it instead (`target_id`)."""

    code = "target_exists"


class OwnProposal(Forbidden):
    """Somebody else decides on what one has proposed."""

    code = "own_proposal"


class ReasonRequired(Invalid):
    """Returning a proposal, and changing what was approved once its month has begun, takes a reason."""

    code = "reason_required"


class Step(NamedTuple):
    """What somebody does to a target."""

    command: str
    amount: int
    reason: str | None
    by: UUID
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """What somebody says a target is; `amount` in fen of net sales, receipts, or pieces."""

    metric: str
    month: date
    level: str
    region_id: UUID | None = None
    store_id: UUID | None = None
    guide_id: UUID | None = None
    currency: str | None = None
    time_zone: str = ZONE
    amount: int
    reason: str | None = None

    @property
    def subject(self) -> Subject:
        return self.month, self.metric, self.region_id, self.store_id, self.guide_id


@dataclass(frozen=True, kw_only=True, slots=True)
class Put:
    """What became of a draft: created, updated, unchanged, or rejected with the refusal."""

    target_id: UUID | None = None
    outcome: str = "rejected"
    refusal: DomainError | None = None


def create_target(draft: Draft, *, principal: Principal, now: datetime) -> UUID:
    """The id of a new target: approved if the caller sets it, else proposed; raises TargetExists, TargetNotYours."""
    locks.hold(f"target {draft.subject}")
    if held := lock_subjects([draft.subject]):
        raise TargetExists(target_id=held[draft.subject].id)
    [put] = put_targets([draft], principal=principal, now=now)
    if put.refusal:
        raise put.refusal
    assert put.target_id
    return put.target_id


def change_target(
    target_id: UUID, *, amount: int, reason: str | None, principal: Principal, expected_version: int, now: datetime
) -> None:
    """Set or propose another amount; what was approved holds until the proposal is approved.

    Raises TargetNotFound, Stale, TargetNotYours, and ReasonRequired once the month has begun.
    """
    row = get_target(target_id, principal=principal)
    target = lock_target(target_id)
    expect(target.version, expected=expected_version)
    step = Step(command_of(row.level, principal.roles), amount, reason, principal.id, now)
    _check_reason(target, step, zone=row.time_zone or ZONE)
    _take(target, step)
    _settle([target], now=now)


def decide(
    target_id: UUID, *, approve: bool, reason: str | None, principal: Principal, expected_version: int, now: datetime
) -> None:
    """Approve what was proposed, or return it with a reason.

    Raises TargetNotFound, Stale, TargetNotYours, OwnProposal, TargetStateForbids, and ReasonRequired to return it.
    """
    row = get_target(target_id, principal=principal)
    target = lock_target(target_id)
    expect(target.version, expected=expected_version)
    check_decides(row.level, principal.roles)
    command = "approve" if approve else "return"
    states.move(target.state, command)
    if target.proposed_by == principal.id:
        raise OwnProposal
    if not approve and not reason:
        raise ReasonRequired(errors={"reason": [say("reason_required.returned")]})
    assert target.proposed_amount is not None
    _take(target, Step(command, target.proposed_amount, reason, principal.id, now))
    _settle([target], now=now)


def put_targets(drafts: Sequence[Draft], *, principal: Principal, now: datetime) -> list[Put]:
    """Set or propose many targets, of different subjects within the caller's scope; what became of each.

    Of those that are refused nothing changes; the others are taken.
    """
    held = lock_subjects([draft.subject for draft in drafts])
    found, changed = [], []
    for draft in drafts:
        target = held.get(draft.subject)
        try:
            step = Step(command_of(draft.level, principal.roles), draft.amount, draft.reason, principal.id, now)
            if target is not None and draft.amount == _said(target, step.command):
                found.append(Put(target_id=target.id, outcome="unchanged"))
                continue
            made = target or _new(draft)
            _check_reason(made, step, zone=draft.time_zone)
        except DomainError as refusal:
            found.append(Put(refusal=refusal))
            continue
        _take(made, step)
        changed.append(made)
        found.append(Put(target_id=made.id, outcome="updated" if target else "created"))
    _settle(changed, now=now)
    return found


def _said(target: Target, command: str) -> int | None:
    """What was said last: by who sets what was approved, by who proposes what waits."""
    if command == "set":
        return target.amount if target.state == "approved" else None
    if target.state == "returned":
        return None
    return target.amount if target.proposed_amount is None else target.proposed_amount


def _new(draft: Draft) -> Target:
    return Target(
        id=new_id(),
        metric=draft.metric,
        month=draft.month,
        level=draft.level,
        region_id=draft.region_id,
        store_id=draft.store_id,
        guide_id=draft.guide_id,
        currency=draft.currency if draft.metric == "net_sales" else None,
        state=states.NONE,
    )


def _check_reason(target: Target, step: Step, *, zone: str) -> None:
    is_late = clock.business_day(step.at, zone) >= target.month
    if is_late and target.amount is not None and not step.reason:
        why = say("reason_required.late")
        raise ReasonRequired(why, errors={"reason": [why]})


def _take(target: Target, step: Step) -> None:
    """Take one step, and write it down; the target is locked, or new."""
    target.state = states.move(target.state, step.command)
    if step.command in ("set", "approve"):
        target.amount, target.proposed_amount, target.approved_by = step.amount, None, step.by
    elif step.command == "propose":
        target.proposed_amount, target.proposed_by = step.amount, step.by
    elif target.state == "approved":
        target.proposed_amount = None
    db.session.add(target)
    change = TargetChange(target_id=target.id, command=step.command, state=target.state, amount=step.amount)
    change.reason, change.changed_by, change.changed_at = step.reason, step.by, step.at
    db.session.add(change)


def _settle(changed: Sequence[Target], *, now: datetime) -> None:
    db.session.flush()
    approved = {
        (target.store_id, target.month) for target in changed if target.level == "store" and target.amount is not None
    }
    open_divisions({(store_id, month) for store_id, month in approved if store_id}, now=now)
