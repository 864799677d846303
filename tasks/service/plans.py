"""Setting, changing, publishing, pausing and ending plans."""

from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert

from content_center.queries import contents_by_id
from kit import clock
from kit.db import db
from kit.errors import Conflict, Forbidden, Invalid
from kit.jobs import enqueue
from kit.principal import Principal, Reach
from kit.versions import expect
from kit.words import say
from models import Assignment, TaskOccurrence, TaskPlan, TaskPlanStore, TaskPlanVersion
from staff.queries import get_region, get_store
from tasks.queries.plans import Spot, find_plan, get_version, list_spots, lock_plan, owned_by
from tasks.rules.plans import PlanDraft, find_edit_problems, find_plan_problems
from tasks.rules.schedule import last_day_of
from tasks.rules.states import TaskPlanStateForbids, move_plan
from tasks.service.counting import recount
from tasks.service.materialise import (
    ALL_SHARDS,
    forget_unopened,
    materialise,
    reach_stores,
    schedule_of,
    windows_of,
)

# Of so many stores the tasks are made at once; of more by jobs, shard by shard.
AT_ONCE = 50


class TaskPlanDiffers(Conflict):
    """A plan of this id says something else."""

    code = "task_plan_differs"


class NoGuides(Conflict):
    """Nobody in the stores could be given the task."""

    code = "no_guides"


class TaskPlanNotYours(Forbidden):
    """A plan that others have set for one's stores is changed by them."""

    code = "task_plan_not_yours"


ANYBODY = text("""
SELECT EXISTS (
  SELECT FROM task_plan_store t JOIN placement p ON p.store_id = t.store_id
  JOIN staff s ON s.id = p.staff_id AND s.hired_on <= :day AND (s.left_on IS NULL OR s.left_on >= :day)
  WHERE t.plan_id = :plan_id AND p.role IN ('guide', 'store_manager')
    AND p.first_day <= :day AND (p.last_day IS NULL OR p.last_day >= :day))""")
CALL_OFF = text("""
WITH held AS (
  SELECT a.id, a.day, a.state FROM assignment a JOIN task_occurrence o ON (o.id, o.day) = (a.occurrence_id, a.day)
  WHERE o.plan_id = :plan_id AND a.state IN ('open', 'in_progress', 'returned', 'blocked') FOR UPDATE OF a
), gone AS (
  UPDATE assignment a SET state = 'cancelled', reason = NULL, changed_at = :now FROM held
  WHERE (a.id, a.day) = (held.id, held.day) RETURNING a.id, a.day, a.guide_id, held.state AS before
)
INSERT INTO assignment_event (id, day, assignment_id, command, before, after, by_id, guide_id, at)
SELECT uuid7(), day, id, 'cancel', before, 'cancelled', :by_id, guide_id, :now FROM gone""")


def create_plan(*, plan_id: UUID, draft: PlanDraft, publish: bool, principal: Principal, now: datetime) -> UUID:
    """Set a plan for the stores of its audience, a draft or published at once; the same id again is the same plan.

    Raises StoreNotFound, RegionNotFound, Invalid, NoGuides, and TaskPlanDiffers where the id means another plan.
    """
    own = _own_store(draft, principal)
    draft = _within_reach(draft, principal, own=own)
    if earlier := find_plan(plan_id):
        return _same_plan(earlier, draft, principal)
    _refuse_problems(draft, principal=principal, now=now)
    plan = _insert_plan(plan_id, draft.kind, principal, own, now)
    if plan is None:
        return _same_plan(db.session.get_one(TaskPlan, plan_id), draft, principal)
    version = _add_version(plan, draft, by=principal.id, now=now)
    reach_stores(plan.id)
    _refuse_past(draft, list_spots(plan.id), now=now)
    if publish:
        _publish(plan, version, now=now)
    return plan.id


def _insert_plan(plan_id: UUID, kind: str, principal: Principal, own: UUID | None, now: datetime) -> TaskPlan | None:
    """None where a plan of this id was set a moment ago."""
    owner = {
        "owner_store_id": own if principal.reach is Reach.STORE else None,
        "owner_region_id": principal.region_id if principal.reach is Reach.REGION else None,
    }
    said = {"id": plan_id, "kind": kind, "state": "draft", "number": 1, "created_by": principal.id, "created_at": now}
    made = insert(TaskPlan).values(**said, **owner).on_conflict_do_nothing().returning(TaskPlan)
    return db.session.scalar(made)


def change_plan(plan_id: UUID, *, draft: PlanDraft, expected_version: int, principal: Principal, now: datetime) -> None:
    """Make a new version of a plan; what has not opened takes it, what is open keeps its own.

    Raises TaskPlanNotFound, TaskPlanNotYours, Stale, TaskPlanStateForbids of one that has ended, and Invalid where a
    deadline that runs would come earlier.
    """
    plan = _lock_own(plan_id, principal)
    expect(plan.version, expected=expected_version)
    if plan.state == "ended":
        raise TaskPlanStateForbids(say("task_plan_state_forbids.ended"))
    old = get_version(plan)
    draft = _within_reach(draft, principal, own=plan.owner_store_id or principal.store_id)
    _refuse_problems(draft, principal=principal, now=now)
    plan.number += 1
    version = _add_version(plan, draft, by=principal.id, now=now)
    reach_stores(plan.id, anew=True)
    spots = list_spots(plan.id)
    if plan.state == "draft":
        _refuse_past(draft, spots, now=now)
    elif problems := find_edit_problems(schedule_of(old), draft.schedule, today=_earliest_day(now, spots)):
        raise Invalid(say("invalid.fields"), errors=problems)
    forget_unopened(plan.id, now=now)
    if plan.state == "published":
        _give_out(plan, version, now=now)


def move(plan_id: UUID, *, command: str, principal: Principal, now: datetime) -> None:
    """Publish, pause or end a plan; the same again changes nothing. Ending calls off what is not done yet.

    Raises TaskPlanNotFound, TaskPlanNotYours, TaskPlanStateForbids and NoGuides.
    """
    plan = _lock_own(plan_id, principal)
    if plan.state == {"publish": "published", "pause": "paused", "end": "ended"}[command]:
        return
    after = move_plan(plan.state, command)
    if command == "publish":
        _publish(plan, get_version(plan), now=now)
        return
    plan.state = after
    if command == "pause":
        forget_unopened(plan.id, now=now)
    else:
        call_off(plan.id, by=principal.id, now=now)
    db.session.flush()


def call_off(plan_id: UUID, *, by: UUID, now: datetime) -> None:
    """Cancel what is not done of a plan; what facts have completed by now stays done."""
    ids = select(TaskOccurrence.id).where(TaskOccurrence.plan_id == plan_id)
    recount(Assignment.occurrence_id.in_(ids), now=now)
    db.session.execute(CALL_OFF, {"plan_id": plan_id, "now": now, "by_id": by})


def _lock_own(plan_id: UUID, principal: Principal) -> TaskPlan:
    plan = lock_plan(plan_id, principal=principal)
    if db.session.scalar(select(TaskPlan.id).where(TaskPlan.id == plan_id, owned_by(principal))) is None:
        raise TaskPlanNotYours
    return plan


def _own_store(draft: PlanDraft, principal: Principal) -> UUID | None:
    """Whose plan it is: the one store that is named, also one that its maker only covers, or else the maker's home."""
    named = draft.audience.store_ids
    return named[0] if len(named) == 1 else principal.store_id


def _within_reach(draft: PlanDraft, principal: Principal, *, own: UUID | None) -> PlanDraft:
    """The draft for stores in sight: `own` where it names none, and no other where a store manager sets it."""
    audience = draft.audience
    for store_id in audience.store_ids:
        get_store(store_id, principal=principal)
    for region_id in audience.region_ids:
        get_region(region_id, principal=principal)
    if not (audience.region_ids or audience.store_ids or audience.store_tags):
        if own is None:
            raise Invalid(say("invalid.no_store"), errors={"audience": [say("required.store")]})
        audience = audience._replace(store_ids=(own,))
    if principal.reach is Reach.STORE and set(audience.store_ids) - {own}:
        raise Invalid(say("invalid.fields"), errors={"audience.store_ids": [say("one_store")]})
    return replace(draft, audience=audience)


def _refuse_problems(draft: PlanDraft, *, principal: Principal, now: datetime) -> None:
    problems = find_plan_problems(draft)
    if not problems and draft.content_id is not None:
        content = contents_by_id([draft.content_id], principal=principal, now=now).get(draft.content_id)
        if content is None or content["state"] != "published":
            problems["content_id"] = [say("no_published_content")]
    if problems:
        raise Invalid(say("invalid.fields"), errors=problems)


def _refuse_past(draft: PlanDraft, spots: list[Spot], *, now: datetime) -> None:
    if draft.schedule.first_day < _earliest_day(now, spots):
        raise Invalid(say("invalid.fields"), errors={"schedule.first_day": [say("day_over")]})
    if spots and draft.schedule.rrule is None and not _is_ahead(draft, spots, now=now):
        raise Invalid(say("invalid.fields"), errors={"schedule.slots": [say("deadline_over")]})


def _is_ahead(draft: PlanDraft, spots: list[Spot], *, now: datetime) -> bool:
    """Whether a plan of one day has a deadline still to come somewhere, or none at all (a holiday is skipped)."""
    day = draft.schedule.first_day
    found = windows_of(draft.schedule, spots, first=day, last=last_day_of(draft.schedule) or day)
    return not found or any(window.due_at > now for window in found)


def _earliest_day(now: datetime, spots: list[Spot]) -> date:
    return min((clock.business_day(now, spot.time_zone) for spot in spots), default=date.min)


def _add_version(plan: TaskPlan, draft: PlanDraft, *, by: UUID, now: datetime) -> TaskPlanVersion:
    schedule = draft.schedule
    version = TaskPlanVersion(plan_id=plan.id, number=plan.number, created_by=by, created_at=now, **_said(draft))
    version.last_day = last_day_of(schedule)
    db.session.add(version)
    db.session.flush()
    return version


def _said(draft: PlanDraft) -> dict[str, object]:
    schedule, audience = draft.schedule, draft.audience
    return {
        "title": draft.title,
        "instructions": draft.instructions,
        "content_id": draft.content_id,
        "target_count": draft.target_count,
        "region_ids": list(audience.region_ids),
        "store_ids": list(audience.store_ids),
        "store_tags": list(audience.store_tags),
        "roles": list(audience.roles),
        "share": draft.share,
        "share_count": draft.share_count,
        "first_day": schedule.first_day,
        "rrule": schedule.rrule,
        "except_days": list(schedule.except_days),
        "holidays": schedule.holidays,
        "slots": [{"opens": opens, "due": due} for opens, due in schedule.slots],
        "minutes": draft.minutes,
        "review": draft.review,
        "late": draft.late,
    }


def _same_plan(earlier: TaskPlan, draft: PlanDraft, principal: Principal) -> UUID:
    """The plan that was set under this id, if it is the caller's and was the same; raises TaskPlanDiffers."""
    owned = db.session.scalar(select(TaskPlan.id).where(TaskPlan.id == earlier.id, owned_by(principal)))
    same = (TaskPlanVersion.plan_id == earlier.id) & (TaskPlanVersion.number == 1)
    first = db.session.scalars(select(TaskPlanVersion).where(same)).one()
    said = {"kind": draft.kind, **_said(draft)}
    # What was left to the default then is today, and today may be another day.
    held = {"kind": earlier.kind, **{name: getattr(first, name) for name in said if name != "kind"}}
    if owned is None or held != said:
        raise TaskPlanDiffers
    return earlier.id


def _publish(plan: TaskPlan, version: TaskPlanVersion, *, now: datetime) -> None:
    plan.state, plan.published_at = "published", now
    db.session.flush()
    first = max(version.first_day, _earliest_day(now, list_spots(plan.id)))
    if not db.session.execute(ANYBODY, {"plan_id": plan.id, "day": first}).scalar():
        raise NoGuides
    _give_out(plan, version, now=now)


def _give_out(plan: TaskPlan, version: TaskPlanVersion, *, now: datetime) -> None:
    """Make the tasks now where few stores are meant, else by jobs; the sweep finds what was not queued."""
    stores = db.session.scalar(select(func.count()).where(TaskPlanStore.plan_id == plan.id)) or 0
    if stores <= AT_ONCE:
        materialise(plan, version, now=now)
        return
    for shard in ALL_SHARDS:
        enqueue("tasks.jobs:materialise_shard", plan_id=str(plan.id), shard=shard)
