"""Setting tasks, handing them in, calling them off."""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from content_center.queries import contents_by_id
from kit import clock
from kit.db import db
from kit.errors import Conflict, Invalid
from kit.principal import Principal
from kit.words import say
from models import Assignment, Store, Submission, TaskPlan
from staff.queries import get_store, list_guides
from tasks import queries, rules


class TaskPlanDiffers(Conflict):
    """A plan of this id says something else."""

    code = "task_plan_differs"


class NoGuides(Conflict):
    """Nobody at the store could be given the task."""

    code = "no_guides"


class TaskNotOpen(Conflict):
    """The task is done already, or was called off."""

    code = "task_not_open"


class TaskCountsItself(Conflict):
    """A forward task is done by forwarding; there is nothing to hand in."""

    code = "task_counts_itself"


class SubmissionDiffers(Conflict):
    """A submission of this id says something else."""

    code = "submission_differs"


@dataclass(frozen=True, kw_only=True)
class PlanDraft:
    """What a manager asks for; what is None is theirs by default: own store, today, the end of the day."""

    kind: str
    title: str
    instructions: str
    content_id: UUID | None
    target_count: int
    store_id: UUID | None
    day: date | None
    due_at: datetime | None


OPTIONAL = ("store_id", "day", "due_at")


def create_plan(*, plan_id: UUID, draft: PlanDraft, principal: Principal, now: datetime) -> dict[str, Any]:
    """A plan, and one assignment for each guide employed at the store on its day; the same id again, the first plan.

    Raises StoreNotFound, Invalid, NoGuides, and TaskPlanDiffers where the id means another plan.
    """
    store = _store_to_plan_for(draft.store_id, principal)
    if earlier := queries.find_plan(plan_id):
        return _same_plan(earlier, draft, store)
    today = clock.business_day(now, store.time_zone)
    day = draft.day or today
    due_at = draft.due_at or rules.end_of_day(day, store.time_zone)
    if problems := rules.find_plan_problems(
        kind=draft.kind,
        has_content=draft.content_id is not None,
        day=day,
        today=today,
        due_at=due_at,
        zone=store.time_zone,
    ):
        raise Invalid(say("invalid.fields"), errors=problems)
    _refuse_unpublished(draft.content_id, principal=principal, now=now)
    columns = {**asdict(draft), "store_id": store.id, "day": day, "due_at": due_at}
    if not _insert_plan(id=plan_id, created_by=principal.id, created_at=now, **columns):
        return _same_plan(queries.find_plan(plan_id), draft, store)
    _assign(plan_id, store.id, day)
    return queries.get_plan(plan_id)


def _store_to_plan_for(store_id: UUID | None, principal: Principal) -> Store:
    if chosen := store_id or principal.store_id:
        return get_store(chosen, principal=principal)
    raise Invalid(say("invalid.no_store"), errors={"store_id": [say("required.store")]})


def _refuse_unpublished(content_id: UUID | None, *, principal: Principal, now: datetime) -> None:
    if content_id is None:
        return
    content = contents_by_id([content_id], principal=principal, now=now).get(content_id)
    if content is None or content["state"] != "published":
        raise Invalid(say("invalid.fields"), errors={"content_id": [say("no_published_content")]})


def _same_plan(earlier: TaskPlan | None, draft: PlanDraft, store: Store) -> dict[str, Any]:
    # What was left to the default then and is now cannot differ, though today may be another day. The store can: the id
    # may be of a plan that is none of the caller's business.
    asked = {name: value for name, value in asdict(draft).items() if value is not None or name not in OPTIONAL}
    asked["store_id"] = store.id
    if earlier is None or any(getattr(earlier, name) != value for name, value in asked.items()):
        raise TaskPlanDiffers
    return queries.get_plan(earlier.id)


def _insert_plan(**columns: Any) -> bool:
    """False where a plan of this id was set a moment ago."""
    statement = insert(TaskPlan).values(**columns).on_conflict_do_nothing().returning(TaskPlan.id)
    return db.session.scalar(statement) is not None


def _assign(plan_id: UUID, store_id: UUID, day: date) -> None:
    guides = list_guides(store_id, on=day)
    if not guides:
        raise NoGuides
    for guide in guides:
        assignment = Assignment(plan_id=plan_id, guide_id=guide["id"], store_id=store_id, day=day, state="open")
        db.session.add(assignment)
    db.session.flush()


def cancel_plan(*, plan_id: UUID, principal: Principal, now: datetime) -> dict[str, Any]:
    """Call off what is not done yet; calling off again changes nothing. Raises TaskPlanNotFound."""
    plan = queries.get_plan_to_change(plan_id, principal=principal)
    if plan.cancelled_at is None:
        plan.cancelled_at = now
        undone = [share["task_id"] for share in queries.get_plan(plan_id)["guides"] if share["state"] == "open"]
        db.session.execute(update(Assignment).where(Assignment.id.in_(undone)).values(state="cancelled"))
        db.session.flush()
    return queries.get_plan(plan_id)


def submit(*, submission_id: UUID, task_id: UUID, note: str, guide: Principal, now: datetime) -> dict[str, Any]:
    """Hand in one's own open task; the same submission again gives the first one.

    Raises TaskNotFound, TaskCountsItself, TaskNotOpen and SubmissionDiffers.
    """
    task = queries.get_own_task_to_change(task_id, guide_id=guide.id)
    said = {"assignment_id": task_id, "guide_id": guide.id, "note": note}
    if earlier := queries.find_submission(submission_id):
        return _same_submission(earlier, said)
    if task["kind"] == "forward":
        raise TaskCountsItself
    if task["state"] != "open":
        raise TaskNotOpen(say(f"task_not_open.{task['state']}"))
    statement = insert(Submission).values(id=submission_id, created_at=now, **said).on_conflict_do_nothing()
    db.session.execute(statement)
    return _same_submission(queries.find_submission(submission_id), said)


def _same_submission(found: dict[str, Any] | None, said: dict[str, Any]) -> dict[str, Any]:
    if found is None or any(found[name] != value for name, value in said.items()):
        raise SubmissionDiffers
    return found
