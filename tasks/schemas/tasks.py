"""What the routes of tasks take and give."""

from marshmallow import fields

from content_center.schemas import ReasonOut
from kit.web import validate
from kit.web.io import In, Out, paged, text_field, thumbnail_field
from kit.web.paging import PageIn
from models.content import CONTENT_KINDS
from models.tasks import ASSIGNMENT_STATES, LATE_POLICIES, TASK_KINDS
from tasks.rules.states import COMMANDS, TASK_MOVES
from tasks.schemas.plans import ProgressOut

STEPS = tuple(sorted({command for _, command in TASK_MOVES}))


class TaskListIn(PageIn):
    day = fields.Date(load_default=None, metadata={"description": "Today at your store by default."})
    state = fields.String(load_default=None, validate=validate.OneOf(ASSIGNMENT_STATES))


class TaskCommandIn(In):
    id = fields.UUID(required=True, metadata={"description": "Chosen by the app; the same again is the same command."})
    command = fields.String(
        required=True,
        validate=validate.OneOf(COMMANDS),
        metadata={"description": "Who may give which, and when, is told in docs/tasks.md."},
    )
    note = text_field(2000, min_length=0, load_default="", metadata={"description": "What is handed in (`submit`)."})
    reason = text_field(500, load_default=None, metadata={"description": "For `block`, `return` and `cancel`."})
    to_id = fields.UUID(load_default=None, metadata={"description": "Who gets it: for `reassign`."})
    captured_at = fields.AwareDateTime(
        load_default=None,
        metadata={"description": "When it was tapped without a network; within seven days, not to come."},
    )


class TaskSubmissionOut(Out):
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
    opens_at = fields.DateTime(required=True)
    due_at = fields.DateTime(required=True)
    state = fields.String(required=True, validate=validate.OneOf(ASSIGNMENT_STATES))
    reason = fields.String(
        required=True, allow_none=True, metadata={"description": "Why it is blocked, was returned or taken away."}
    )
    overdue = fields.Boolean(required=True, metadata={"description": "To be done, past its deadline."})
    claimable = fields.Boolean(required=True, metadata={"description": "The store's: who claims it, has it."})
    claimed_until = fields.DateTime(
        required=True, allow_none=True, metadata={"description": "Until when a claim holds that nobody started on."}
    )
    minutes = fields.Integer(required=True)
    review = fields.Boolean(required=True)
    late = fields.String(required=True, validate=validate.OneOf(LATE_POLICIES))
    progress = fields.Nested(ProgressOut, required=True)
    content = fields.Nested(TaskContentOut, required=True, allow_none=True)


class TaskStepOut(Out):
    """One step; `by` is null for those of the clock, the facts and the placements."""

    id = fields.UUID(required=True)
    command = fields.String(required=True, validate=validate.OneOf(STEPS))
    before = fields.String(required=True, validate=validate.OneOf(ASSIGNMENT_STATES))
    after = fields.String(required=True, validate=validate.OneOf(ASSIGNMENT_STATES))
    by = fields.String(required=True, allow_none=True)
    guide = fields.String(required=True, allow_none=True, metadata={"description": "Whose task it was."})
    reason = fields.String(required=True, allow_none=True)
    at = fields.DateTime(required=True)
    captured_at = fields.DateTime(required=True, allow_none=True)


class TaskDetailOut(TaskOut):
    submissions = fields.List(fields.Nested(TaskSubmissionOut), required=True)
    history = fields.List(fields.Nested(TaskStepOut), required=True)


TaskPageOut = paged(TaskOut)
