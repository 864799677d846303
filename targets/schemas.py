"""What the targets routes take and give."""

from typing import Any

from marshmallow import fields, validates_schema

from kit.web import validate
from kit.web.io import In, Out, QueryIn, paged, text_field
from kit.web.paging import PageIn
from kit.web.problems import carries
from kit.web.sheets import SheetOut, SheetProblemOut, problems_field, warnings_field
from kit.web.validate import unfit
from kit.words import say
from targets.rules.authority import LEVELS
from targets.rules.spreading import CLASSES, Weights
from targets.rules.states import COMMANDS, STATES, TargetStateForbids
from targets.service.targets import TargetExists

METRICS = ("net_sales", "orders", "units")
MAX_AMOUNT = 10**15
MAX_REASON = 500
MAX_SHARES = 500
SUBJECTS = ("region_id", "store_id", "guide_id")


def month_field(**options: Any) -> fields.String:
    """A month such as 2026-11."""
    checks = validate.Regexp(r"^20\d\d-(0[1-9]|1[0-2])\Z")
    return fields.String(validate=checks, metadata={"example": "2026-11"}, **options)


def metric_field(**options: Any) -> fields.String:
    """One of METRICS."""
    description = "`net_sales` in minor units of the currency, `orders` in receipts, `units` in pieces."
    metadata = {"description": description, "example": "net_sales"}
    return fields.String(validate=validate.OneOf(METRICS), metadata=metadata, **options)


def _amount(**options: Any) -> fields.Integer:
    return fields.Integer(
        strict=True, validate=validate.Range(0, MAX_AMOUNT), metadata={"example": 6_000_000}, **options
    )


def _reason() -> fields.String:
    said = "Why; required for a change once the month has begun, and to return a proposal."
    return text_field(MAX_REASON, load_default=None, metadata={"description": said})


def _state(**options: Any) -> fields.String:
    return fields.String(validate=validate.OneOf(STATES), **options)


def _level(**options: Any) -> fields.String:
    return fields.String(validate=validate.OneOf(LEVELS), **options)


class TargetIn(In):
    metric = metric_field(required=True)
    month = month_field(required=True)
    region_id = fields.UUID(metadata={"description": "Exactly one of the three."})
    store_id = fields.UUID()
    guide_id = fields.UUID()
    amount = _amount(required=True)
    reason = _reason()

    @validates_schema
    def of_one(self, data: dict[str, Any], **_: Any) -> None:
        if sum(name in data for name in SUBJECTS) != 1:
            raise unfit(say("exactly_one", names=SUBJECTS), "store_id")


class TargetPatch(In):
    amount = _amount(required=True)
    reason = _reason()


class DecisionIn(In):
    approve = fields.Boolean(required=True, metadata={"description": "False returns the proposal."})
    reason = _reason()


class TargetsIn(PageIn):
    month = month_field(load_default=None)
    metric = metric_field(load_default=None)
    level = _level(load_default=None)
    state = _state(load_default=None)
    store_id = fields.UUID(load_default=None)
    region_id = fields.UUID(load_default=None, metadata={"description": "With everything below it."})


class PairOut(Out):
    numerator = fields.Integer(required=True, metadata={"example": 2_400_000})
    denominator = fields.Integer(required=True, metadata={"example": 6_000_000})


class StandingOut(Out):
    achieved = fields.Integer(required=True, metadata={"description": "In the unit of the metric, up to now."})
    attainment = fields.Nested(PairOut, required=True, allow_none=True)
    time_progress = fields.Nested(
        PairOut, required=True, metadata={"description": "By weights of days, `as_of` included."}
    )
    as_of = fields.Date(required=True, metadata={"description": "The store's today."})


class TargetOut(StandingOut):
    id = fields.UUID(required=True)
    metric = metric_field(required=True)
    month = month_field(required=True)
    level = _level(required=True)
    region_id = fields.UUID(required=True, allow_none=True)
    region_code = fields.String(required=True, allow_none=True)
    store_id = fields.UUID(required=True, allow_none=True)
    store_code = fields.String(required=True, allow_none=True)
    store_name = fields.String(required=True, allow_none=True)
    guide_id = fields.UUID(required=True, allow_none=True)
    staff_no = fields.String(required=True, allow_none=True)
    guide_name = fields.String(required=True, allow_none=True)
    currency = fields.String(required=True, allow_none=True)
    amount = fields.Integer(required=True, allow_none=True, metadata={"description": "What was approved."})
    proposed_amount = fields.Integer(
        required=True, allow_none=True, metadata={"description": "What waits for approval, or was returned."}
    )
    state = _state(required=True)
    proposed_by = fields.UUID(required=True, allow_none=True)
    approved_by = fields.UUID(required=True, allow_none=True)
    version = fields.Integer(required=True, metadata={"description": "The ETag."})


TargetPageOut = paged(TargetOut)


class TargetChangeOut(Out):
    command = fields.String(required=True, validate=validate.OneOf(COMMANDS))
    state = _state(required=True)
    amount = fields.Integer(required=True)
    reason = fields.String(required=True, allow_none=True)
    changed_by = fields.UUID(required=True)
    changed_by_name = fields.String(required=True)
    changed_at = fields.DateTime(required=True)


class TargetChangesOut(Out):
    items = fields.List(fields.Nested(TargetChangeOut), required=True)


class TargetDayOut(Out):
    day = fields.Date(required=True)
    day_class = fields.String(required=True, validate=validate.OneOf(CLASSES))
    weight_bp = fields.Integer(required=True)
    amount = fields.Integer(required=True)


class GuideTargetOut(Out):
    guide_id = fields.UUID(required=True)
    staff_no = fields.String(required=True)
    guide_name = fields.String(required=True)
    amount = fields.Integer(required=True, metadata={"description": "Of the whole month."})
    by_day = fields.List(fields.Integer(), required=True, metadata={"description": "In the order of `days`."})
    is_own = fields.Boolean(required=True, metadata={"description": "Set by name instead of by share."})
    achieved = fields.Integer(required=True)
    attainment = fields.Nested(PairOut, required=True, allow_none=True)


class TargetDaysOut(Out):
    days = fields.List(fields.Nested(TargetDayOut), required=True)
    guides = fields.List(
        fields.Nested(GuideTargetOut), required=True, metadata={"description": "Of a store's target; else none."}
    )
    unassigned = fields.Integer(required=True, metadata={"description": "Of days on which no guide is there."})


class MyTargetsIn(QueryIn):
    month = month_field(load_default=None)


class MyTargetOut(StandingOut):
    metric = metric_field(required=True)
    month = month_field(required=True)
    currency = fields.String(required=True, allow_none=True)
    amount = fields.Integer(required=True)
    today = fields.Integer(required=True, allow_none=True, metadata={"description": "Of it, what is due today."})


class MyTargetsOut(Out):
    items = fields.List(fields.Nested(MyTargetOut), required=True)


class TargetShareIn(In):
    guide_id = fields.UUID(required=True)
    share_bp = fields.Integer(
        required=True, strict=True, validate=validate.Range(0, 100_000), metadata={"example": 10_000}
    )
    fte_bp = fields.Integer(
        load_default=10_000, strict=True, validate=validate.Range(1, 20_000), metadata={"example": 10_000}
    )


class TargetSharesIn(In):
    joiners_on_top = fields.Boolean(
        load_default=False, metadata={"description": "Who joins gets a target beside the store's; else a part of it."}
    )
    first_day = fields.Date(
        load_default=None, allow_none=True, data_key="from", metadata={"description": "By default today."}
    )
    shares = fields.List(fields.Nested(TargetShareIn), required=True, validate=validate.Length(max=MAX_SHARES))


class TargetShareOut(Out):
    guide_id = fields.UUID(required=True)
    staff_no = fields.String(required=True)
    guide_name = fields.String(required=True)
    share_bp = fields.Integer(required=True)
    fte_bp = fields.Integer(required=True)
    first_day = fields.Date(required=True)
    last_day = fields.Date(required=True)


class TargetAbsenceOut(Out):
    guide_id = fields.UUID(required=True)
    day = fields.Date(required=True)


class TargetSharesOut(Out):
    store_id = fields.UUID(required=True)
    month = month_field(required=True)
    joiners_on_top = fields.Boolean(required=True)
    version = fields.Integer(required=True, metadata={"description": "The ETag; 0: not shared yet."})
    items = fields.List(fields.Nested(TargetShareOut), required=True)
    absences = fields.List(
        fields.Nested(TargetAbsenceOut),
        required=True,
        metadata={"description": "Days on which a guide is on leave by the roster, and has no part."},
    )


def _weight(default: int) -> fields.Integer:
    metadata = {"description": "In basis points of a plain weekday.", "example": default}
    return fields.Integer(load_default=default, strict=True, validate=validate.Range(0, 1_000_000), metadata=metadata)


class DayWeightsQuery(QueryIn):
    store_id = fields.UUID(load_default=None, metadata={"description": "Of one store; else of all that have none."})


class DayWeightsIn(In):
    weekday_bp = fields.Integer(load_default=10_000, strict=True, validate=validate.Range(1, 1_000_000))
    weekend_bp = _weight(Weights().weekend_bp)
    festival_bp = _weight(Weights().festival_bp)
    promotion_bp = _weight(Weights().promotion_bp)
    promotion_days = fields.List(fields.Date(), load_default=list, validate=validate.Length(max=31))


class DayWeightsOut(Out):
    month = month_field(required=True)
    store_id = fields.UUID(required=True, allow_none=True, metadata={"description": "Whose weights these are."})
    weekday_bp = fields.Integer(required=True)
    weekend_bp = fields.Integer(required=True)
    festival_bp = fields.Integer(required=True)
    promotion_bp = fields.Integer(required=True)
    promotion_days = fields.List(fields.Date(), required=True)
    version = fields.Integer(required=True, metadata={"description": "The ETag; 0: the defaults."})


class TargetSheetIn(QueryIn):
    month = month_field(required=True)
    metric = metric_field(load_default=None)


class TargetProblemOut(SheetProblemOut):
    key = fields.String(required=True, metadata={"description": "What the row's target is of."})


class TargetImportOut(SheetOut):
    problems = problems_field(TargetProblemOut)
    warnings = warnings_field(TargetProblemOut)


carries(TargetStateForbids, state=fields.String(required=True, validate=validate.OneOf(STATES)))
carries(TargetExists, target_id=fields.UUID(required=True))
