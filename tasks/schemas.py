"""What the task routes take and give."""

from marshmallow import fields

from content_center.schemas import ReasonOut
from kit.web import validate
from kit.web.io import In, Out, paged, text_field, thumbnail_field
from kit.web.paging import PageIn
from models.content import CONTENT_KINDS
from models.tasks import TASK_KINDS
from staff.schemas.sign_in import PersonOut

MAX_TARGET = 1000
STATES = ("open", "done", "cancelled")


class TaskPlanIn(In):
    id = fields.UUID(required=True, metadata={"description": "Chosen by the app; the same again is the same plan."})
    kind = fields.String(required=True, validate=validate.OneOf(TASK_KINDS))
    title = text_field(200, required=True, metadata={"example": "转发新品海报"})
    instructions = text_field(4000, min_length=0, load_default="")
    store_id = fields.UUID(load_default=None, metadata={"description": "Your own store by default."})
    content_id = fields.UUID(load_default=None, metadata={"description": "What to forward; for forward tasks only."})
    target_count = fields.Integer(
        load_default=1,
        strict=True,
        validate=validate.Range(1, MAX_TARGET),
        metadata={"description": "How many customers or forwards confirmed as sent, or submissions, make it done."},
    )
    day = fields.Date(load_default=None, metadata={"description": "Business day; today at the store by default."})
    due_at = fields.AwareDateTime(
        load_default=None, metadata={"description": "Within the business day; its end by default."}
    )


class TaskPlanListIn(PageIn):
    store_id = fields.UUID(load_default=None)
    day = fields.Date(load_default=None)


class TaskListIn(PageIn):
    day = fields.Date(load_default=None, metadata={"description": "Today at your store by default."})


class SubmissionIn(In):
    id = fields.UUID(
        required=True, metadata={"description": "Chosen by the app; the same again is the same submission."}
    )
    note = text_field(2000, min_length=0, load_default="")


class ProgressOut(Out):
    done = fields.Integer(required=True)
    target = fields.Integer(required=True)


class TaskShareOut(Out):
    """One guide's share of a plan."""

    task_id = fields.UUID(required=True)
    guide = fields.Nested(PersonOut, required=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    progress = fields.Nested(ProgressOut, required=True)


class TaskPlanOut(Out):
    id = fields.UUID(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(TASK_KINDS))
    title = fields.String(required=True)
    instructions = fields.String(required=True)
    store_id = fields.UUID(required=True)
    content_id = fields.UUID(required=True, allow_none=True)
    target_count = fields.Integer(required=True)
    day = fields.Date(required=True)
    due_at = fields.DateTime(required=True)
    created_at = fields.DateTime(required=True)
    cancelled_at = fields.DateTime(required=True, allow_none=True)
    guides = fields.List(fields.Nested(TaskShareOut), required=True)


class SubmissionOut(Out):
    id = fields.UUID(required=True)
    note = fields.String(required=True)
    created_at = fields.DateTime(required=True)


class TaskContentOut(Out):
    """What a forward task asks to forward."""

    id = fields.UUID(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(CONTENT_KINDS))
    title = fields.String(required=True)
    thumbnail_url = thumbnail_field(allow_none=True)
    forwardable = fields.Boolean(required=True)
    reasons = fields.List(fields.Nested(ReasonOut), required=True, metadata={"description": "Why it is not."})


class TaskOut(Out):
    id = fields.UUID(required=True)
    plan_id = fields.UUID(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(TASK_KINDS))
    title = fields.String(required=True)
    instructions = fields.String(required=True)
    day = fields.Date(required=True)
    due_at = fields.DateTime(required=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    overdue = fields.Boolean(required=True, metadata={"description": "Open past its deadline."})
    progress = fields.Nested(ProgressOut, required=True)
    content = fields.Nested(TaskContentOut, required=True, allow_none=True)


class TaskDetailOut(TaskOut):
    submissions = fields.List(fields.Nested(SubmissionOut), required=True)


TaskPageOut = paged(TaskOut)
TaskPlanPageOut = paged(TaskPlanOut)
