"""What people do with a task: one form for every command, alone or out of an offline queue."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from kit import locks
from kit.db import db
from kit.errors import Conflict, Forbidden, Invalid
from kit.ids import new_id
from kit.principal import Principal, Reach
from kit.words import say
from models import Assignment, AssignmentEvent, Submission
from staff.rules import MANAGERS, SELLERS
from tasks.queries.tasks import find_event, find_submission, has_task, is_placed, lock_task, read_progress
from tasks.rules.states import GUIDE, MANAGER, NEEDS_REASON, WHO, TaskNotOpen, move_task, submit_as

# Who claims a task starts on it within this time, or others may.
LEASE = timedelta(minutes=60)
# What was tapped without a network counts as of then, if it comes within this time.
LATEST = timedelta(days=7)
MAX_SKEW = timedelta(minutes=5)


class TaskCommandDiffers(Conflict):
    """Another command has this id."""

    code = "task_command_differs"


class TaskCountsItself(Conflict):
    """Facts complete this task, such as forwards; there is nothing to hand in."""

    code = "task_counts_itself"


class TaskCommandNotYours(Forbidden):
    """Who has the task, or who manages its store, gives this command; nobody reviews what they handed in themselves."""

    code = "task_command_not_yours"


class TaskClaimed(Conflict):
    """Somebody else has claimed it, or the caller has another seat of it."""

    code = "task_claimed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Command:
    """One command, its id chosen by the app; `note` goes with what is handed in, `to_id` says who gets it."""

    id: UUID
    task_id: UUID
    command: str
    note: str = ""
    reason: str | None = None
    to_id: UUID | None = None
    captured_at: datetime | None = None


def give(command: Command, *, principal: Principal, now: datetime) -> None:
    """Let a task take a step, and write it down; the same command again changes nothing.

    Raises TaskNotFound, TaskNotOpen, TaskCommandNotYours, TaskCommandDiffers, TaskCountsItself, TaskClaimed, and
    Invalid where the reason, the receiver or a plausible time is missing.
    """
    at = _time_of(command, now=now)
    locks.hold(f"task command {command.id}")
    task = lock_task(command.task_id, principal=principal)
    if earlier := find_event(command.id):
        _refuse_other(earlier, command, principal)
        return
    _refuse_stranger(task, command, principal)
    asked = read_progress(task.id)
    step = _step_of(task, asked, command)
    if task.state in ("skipped", "expired") and at <= task.due_at and command.captured_at is not None:
        # It was tapped in time, and only came late.
        _take(task, "recover", by=None, now=now)
    _refuse_closed(task, asked, step, at=at)
    before_id = task.guide_id
    _apply(task, step, command, principal, now=now)
    _take(task, step, by=principal.id, now=now, command=command, guide_id=before_id or task.guide_id)


def _time_of(command: Command, *, now: datetime) -> datetime:
    at = command.captured_at
    if at is None:
        return now
    if not now - LATEST <= at <= now + MAX_SKEW:
        raise Invalid(say("invalid.fields"), errors={"captured_at": [say("captured_implausible")]})
    return min(at, now)


def _refuse_other(earlier: AssignmentEvent, command: Command, principal: Principal) -> None:
    asked = "submit" if earlier.command in ("hand_in", "finish") else earlier.command
    same = (asked, earlier.assignment_id, earlier.by_id) == (command.command, command.task_id, principal.id)
    handed_in = find_submission(command.id)
    same_note = handed_in is None or handed_in.note == command.note
    if not same or not same_note or (earlier.reason or None) != (command.reason or None):
        raise TaskCommandDiffers


def _refuse_stranger(task: Assignment, command: Command, principal: Principal) -> None:
    who = WHO[command.command]
    is_own = task.guide_id == principal.id or (command.command == "claim" and principal.has_any(SELLERS))
    manages = principal.reach is not Reach.SELF and principal.has_any(MANAGERS)
    if not ((GUIDE in who and is_own) or (MANAGER in who and manages)):
        raise TaskCommandNotYours
    if command.command in ("approve", "return") and task.guide_id == principal.id:
        raise TaskCommandNotYours
    if command.command in NEEDS_REASON and not command.reason:
        raise Invalid(say("invalid.fields"), errors={"reason": [say("required.reason")]})
    if (command.command == "reassign") != (command.to_id is not None):
        raise Invalid(say("invalid.fields"), errors={"to_id": [say("required.receiver")]})


def _step_of(task: Assignment, asked: dict[str, Any], command: Command) -> str:
    if command.command != "submit":
        return command.command
    if asked["is_counted"]:
        raise TaskCountsItself
    return submit_as(done=task.done, target=task.target, review=asked["review"])


def _refuse_closed(task: Assignment, asked: dict[str, Any], step: str, *, at: datetime) -> None:
    """Raises TaskNotOpen where the state, or the time, does not allow the step."""
    if asked["is_counted"] and asked["state"] == "done":
        raise TaskNotOpen(say("task_not_open.done"))
    move_task(task.state, step)
    if step in ("claim", "start", "hand_in", "submit", "finish"):
        if at < task.opens_at:
            raise TaskNotOpen(say("task_not_open.early"))
        if asked["late"] == "close_at_due" and at > task.due_at:
            raise TaskNotOpen(say("task_not_open.expired"))


def _apply(task: Assignment, step: str, command: Command, principal: Principal, *, now: datetime) -> None:
    """What a step does beside the state."""
    if step == "claim":
        _claim(task, principal, now=now)
    elif step in ("start", "block"):
        task.started_at = task.started_at or now
    elif step in ("hand_in", "submit", "finish"):
        task.started_at = task.started_at or now
        task.done += 1
        said = {"assignment_id": task.id, "day": task.day, "guide_id": principal.id, "note": command.note}
        db.session.add(Submission(id=command.id, created_at=now, **said))
    elif step in ("return", "withdraw"):
        task.done = 0
    elif step == "reassign":
        _reassign(task, command.to_id)
    task.reason = command.reason if step in NEEDS_REASON else None


def _claim(task: Assignment, principal: Principal, *, now: datetime) -> None:
    is_held = task.guide_id is not None and (task.started_at or task.lease_until is None or task.lease_until >= now)
    if task.seat == 0 or (is_held and task.guide_id != principal.id):
        raise TaskClaimed
    if task.guide_id != principal.id and has_task(task, principal.id):
        raise TaskClaimed
    task.guide_id, task.lease_until = principal.id, now + LEASE


def _reassign(task: Assignment, to_id: UUID | None) -> None:
    """Give it to somebody who works in the store that day; they begin anew."""
    if to_id is None or not is_placed(to_id, task):
        raise Invalid(say("invalid.fields"), errors={"to_id": [say("not_placed.task")]})
    if has_task(task, to_id):
        raise TaskClaimed
    task.guide_id, task.started_at, task.lease_until, task.done = to_id, None, None, 0


def _take(
    task: Assignment,
    step: str,
    *,
    by: UUID | None,
    now: datetime,
    command: Command | None = None,
    guide_id: UUID | None = None,
) -> None:
    """Move a locked task, and append the step to its history."""
    before, task.state = task.state, move_task(task.state, step)
    task.changed_at = now
    event = AssignmentEvent(
        id=command.id if command else new_id(), day=task.day, assignment_id=task.id, command=step, before=before
    )
    event.after, event.by_id, event.at = task.state, by, now
    event.guide_id = guide_id or task.guide_id
    if command:
        event.reason, event.captured_at = command.reason, command.captured_at
    db.session.add(event)
    db.session.flush()
