"""What the routes of plans take and give."""

from typing import Any

from marshmallow import fields

from kit.web import validate
from kit.web.io import In, Out, paged, text_field
from kit.web.paging import PageIn
from models.tasks import ASSIGNMENT_STATES, HOLIDAYS, LATE_POLICIES, PLAN_STATES, SHARES, TASK_KINDS
from staff.schemas.sign_in import PersonOut
from tasks.rules.schedule import END

MAX_TARGET = 1000
MAX_NAMED = 2000
MAX_SLOTS = 12
ROLES = ("guide", "store_manager")
CLOCK = r"^([01]\d|2[0-3]):[0-5]\d\Z"
CLOCK_OR_END = r"^(([01]\d|2[0-3]):[0-5]\d|24:00)\Z"


def _ids(description: str) -> "fields.List[Any]":
    return fields.List(
        fields.UUID(),
        load_default=list,
        validate=validate.Length(max=MAX_NAMED),
        metadata={"description": description},
    )


class TaskAudienceIn(In):
    """Stores of these regions or of this list, those of them with one of the tags; by default your own store."""

    region_ids = _ids("Regions, with everything below them.")
    store_ids = _ids("Stores.")
    store_tags = fields.List(text_field(64), load_default=list, validate=validate.Length(max=50))
    roles = fields.List(
        fields.String(validate=validate.OneOf(ROLES)),
        load_default=lambda: ["guide"],
        validate=validate.Length(1, len(ROLES)),
        metadata={"description": "Who gets it there; where a store has no guides, its managers get what is theirs."},
    )


class TaskSlotIn(In):
    """From when to when it is open, in the store's local time."""

    opens = fields.String(load_default="00:00", validate=validate.Regexp(CLOCK), metadata={"example": "09:00"})
    due = fields.String(load_default=END, validate=validate.Regexp(CLOCK_OR_END), metadata={"example": "21:00"})


class TaskScheduleIn(In):
    """On which days: the first one alone, or as a rule repeats it (RFC 5545 RRULE over dates)."""

    first_day = fields.Date(load_default=None, metadata={"description": "Today at your store by default."})
    rrule = text_field(500, load_default=None, metadata={"example": "FREQ=WEEKLY;BYDAY=MO,TH"})
    except_days = fields.List(fields.Date(), load_default=list, validate=validate.Length(max=366))
    holidays = fields.String(
        load_default="keep",
        validate=validate.OneOf(HOLIDAYS),
        metadata={"description": "What becomes of days without work by the business calendar of the store's country."},
    )
    slots = fields.List(
        fields.Nested(TaskSlotIn),
        load_default=lambda: [{"opens": "00:00", "due": END}],
        validate=validate.Length(1, MAX_SLOTS),
        metadata={"description": "One after another; the whole day by default."},
    )


def _nothing(schema: type[In]) -> Any:
    return lambda: schema().load({})


class TaskPlanPatch(In):
    """What the plan says from now on, whole: what has not opened yet takes it."""

    title = text_field(200, required=True, metadata={"example": "转发新品海报"})
    instructions = text_field(4000, min_length=0, load_default="")
    content_id = fields.UUID(load_default=None, metadata={"description": "What to forward; for forward tasks only."})
    target_count = fields.Integer(
        load_default=1,
        strict=True,
        validate=validate.Range(1, MAX_TARGET),
        metadata={"description": "How many customers, or submissions, make it done; see the page on tasks."},
    )
    audience = fields.Nested(TaskAudienceIn, load_default=_nothing(TaskAudienceIn))
    share = fields.String(
        load_default="each",
        validate=validate.OneOf(SHARES),
        metadata={"description": "`each` of them, or `one` or `some` (`share_count`) of the store, who claim it."},
    )
    share_count = fields.Integer(load_default=None, strict=True, validate=validate.Range(1, 100))
    schedule = fields.Nested(TaskScheduleIn, load_default=_nothing(TaskScheduleIn))
    minutes = fields.Integer(
        load_default=0,
        strict=True,
        validate=validate.Range(0, 1440),
        metadata={"description": "How long it takes each of them."},
    )
    review = fields.Boolean(load_default=False, metadata={"description": "A manager approves what is handed in."})
    late = fields.String(
        load_default="stay_overdue",
        validate=validate.OneOf(LATE_POLICIES),
        metadata={
            "description": "After the deadline it stays to be done, is closed, or is closed once the next one opens."
        },
    )


class TaskPlanIn(TaskPlanPatch):
    """A plan as it is set; its kind stays."""

    id = fields.UUID(required=True, metadata={"description": "Chosen by the app; the same again is the same plan."})
    kind = fields.String(required=True, validate=validate.OneOf(TASK_KINDS))
    publish = fields.Boolean(load_default=True, metadata={"description": "False keeps it as a draft."})


class TaskPlanListIn(PageIn):
    store_id = fields.UUID(load_default=None)


class ProgressOut(Out):
    done = fields.Integer(required=True)
    target = fields.Integer(required=True)


class TaskShareOut(Out):
    """A task of the plan's latest day so far in a store: somebody's, or (no guide) one to claim."""

    task_id = fields.UUID(required=True)
    store_code = fields.String(required=True)
    day = fields.Date(required=True)
    guide = fields.Nested(PersonOut, required=True, allow_none=True)
    state = fields.String(required=True, validate=validate.OneOf(ASSIGNMENT_STATES))
    reason = fields.String(required=True, allow_none=True)
    progress = fields.Nested(ProgressOut, required=True)


class TaskAudienceOut(Out):
    region_ids = fields.List(fields.UUID(), required=True)
    store_ids = fields.List(fields.UUID(), required=True)
    store_tags = fields.List(fields.String(), required=True)
    roles = fields.List(fields.String(validate=validate.OneOf(ROLES)), required=True)


class TaskSlotOut(Out):
    opens = fields.String(required=True)
    due = fields.String(required=True)


class TaskScheduleOut(Out):
    first_day = fields.Date(required=True)
    rrule = fields.String(required=True, allow_none=True)
    except_days = fields.List(fields.Date(), required=True)
    holidays = fields.String(required=True, validate=validate.OneOf(HOLIDAYS))
    slots = fields.List(fields.Nested(TaskSlotOut), required=True)


class TaskPlanOut(Out):
    id = fields.UUID(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(TASK_KINDS))
    state = fields.String(required=True, validate=validate.OneOf(PLAN_STATES))
    number = fields.Integer(required=True, metadata={"description": "Which version this is; an edit makes the next."})
    title = fields.String(required=True)
    instructions = fields.String(required=True)
    content_id = fields.UUID(required=True, allow_none=True)
    target_count = fields.Integer(required=True)
    audience = fields.Nested(TaskAudienceOut, required=True)
    share = fields.String(required=True, validate=validate.OneOf(SHARES))
    share_count = fields.Integer(required=True, allow_none=True)
    schedule = fields.Nested(TaskScheduleOut, required=True)
    minutes = fields.Integer(required=True)
    review = fields.Boolean(required=True)
    late = fields.String(required=True, validate=validate.OneOf(LATE_POLICIES))
    reached_stores = fields.Integer(required=True, metadata={"description": "How many stores it reaches today."})
    owner_store_id = fields.UUID(required=True, allow_none=True, metadata={"description": "Whose plan it is."})
    owner_region_id = fields.UUID(required=True, allow_none=True)
    created_at = fields.DateTime(required=True)
    published_at = fields.DateTime(required=True, allow_none=True)
    guides = fields.List(fields.Nested(TaskShareOut), required=True, metadata={"description": "At most 500."})


class TaskPlanVersionOut(Out):
    number = fields.Integer(required=True)
    title = fields.String(required=True)
    created_by = fields.UUID(required=True)
    created_at = fields.DateTime(required=True)


class TaskPlanDetailOut(TaskPlanOut):
    versions = fields.List(fields.Nested(TaskPlanVersionOut), required=True, metadata={"description": "Newest first."})


TaskPlanPageOut = paged(TaskPlanOut)
