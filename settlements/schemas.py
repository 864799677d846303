"""What the settlements routes take and give."""

from datetime import date
from typing import Any

from marshmallow import fields, validates_schema

from kit.web import validate
from kit.web.io import In, Out, money_field, paged, text_field
from kit.web.paging import PageIn
from kit.web.problems import carries
from kit.web.validate import unfit
from kit.words import say
from models.commissions import CAUSES, LATE_CLASSIFICATION
from models.settlements import STATEMENT_STATES
from orders.schemas import CandidateOut
from settlements.queries.reasons import REASONS
from settlements.queries.statements import EXCEPTIONS
from settlements.rules.states import DECISIONS, SETTLEMENT_STATES
from settlements.service.decisions import OwnStatement, SettlementRecounted, StatementStateForbids
from settlements.service.settlements import SettlementExists

COMMANDS = ("create", "close", *DECISIONS)
STEP_STATES = tuple(dict.fromkeys((*SETTLEMENT_STATES, *STATEMENT_STATES)))
MOST_NAMED = 500  # statements in one decision; more are decided on by what matches
DAYS = validate.Range(date(2000, 1, 1), date(2199, 12, 31))
carries(SettlementExists, settlement_id=fields.UUID(required=True))
carries(OwnStatement, statement_id=fields.UUID(required=True))
carries(SettlementRecounted, counted_at=fields.DateTime(required=True, allow_none=True))
carries(
    StatementStateForbids,
    statement_id=fields.UUID(required=True),
    state=fields.String(required=True, validate=validate.OneOf(STATEMENT_STATES)),
)


def _exceptions() -> fields.List[str]:
    one = fields.String(validate=validate.OneOf(EXCEPTIONS))
    return fields.List(one, required=True, metadata={"description": "What a reviewer looks at first."})


class SettlementIn(In):
    first_day = fields.Date(required=True, validate=DAYS, metadata={"example": "2026-10-01"})
    last_day = fields.Date(required=True, validate=DAYS, metadata={"example": "2026-10-31"})


class StatementAmountsOut(Out):
    """opening + accrued + reversed = payable + carried."""

    opening = money_field("Carried over from the statement before: 0 or less.")
    accrued = money_field("Earned.")
    reversed = money_field("Taken back: 0 or less.")
    payable = money_field("Paid: never below 0.")
    carried = money_field("Owed back beyond what was earned, carried to the next statement: 0 or less.")


class StatementTotalOut(StatementAmountsOut):
    state = fields.String(required=True, validate=validate.OneOf(STATEMENT_STATES))
    statements = fields.Integer(required=True, metadata={"description": "How many there are."})


class SettlementStepOut(Out):
    """Who did what, when, and why."""

    command = fields.String(required=True, validate=validate.OneOf(COMMANDS))
    state = fields.String(required=True, validate=validate.OneOf(STEP_STATES), metadata={"description": "After it."})
    reason = fields.String(required=True, allow_none=True)
    taken_by = fields.UUID(required=True)
    taken_by_name = fields.String(required=True)
    taken_at = fields.DateTime(required=True)


class SettlementOut(Out):
    id = fields.UUID(required=True)
    first_day = fields.Date(required=True)
    last_day = fields.Date(required=True)
    state = fields.String(required=True, validate=validate.OneOf(SETTLEMENT_STATES))
    counted_at = fields.DateTime(
        required=True, allow_none=True, metadata={"description": "When its statements were made last."}
    )
    empty_because = fields.List(
        fields.String(validate=validate.OneOf(REASONS)),
        required=True,
        metadata={"description": "Why closing it found nothing; empty: it found something."},
    )
    closed_by = fields.UUID(required=True, allow_none=True)
    closed_at = fields.DateTime(required=True, allow_none=True)
    approved_by = fields.UUID(required=True, allow_none=True)
    approved_at = fields.DateTime(required=True, allow_none=True)
    created_by = fields.UUID(required=True)
    created_at = fields.DateTime(required=True)


class SettlementDetailOut(SettlementOut):
    totals = fields.List(
        fields.Nested(StatementTotalOut),
        required=True,
        metadata={"description": "What the statements come to, by currency and state."},
    )
    steps = fields.List(fields.Nested(SettlementStepOut), required=True)


SettlementPageOut = paged(SettlementOut)


class StatementComparedOut(StatementAmountsOut):
    guide_id = fields.UUID(required=True)
    staff_no = fields.String(required=True)
    guide_name = fields.String(required=True)
    currency = fields.String(required=True)
    last_payable = money_field("What the last statement paid; null: there was none.", allow_none=True)
    exceptions = _exceptions()


class SettlementWaitingOut(Out):
    """What is not settled yet."""

    orders_not_posted = fields.Integer(required=True, metadata={"description": "Of the period's days."})
    entries_not_matured = fields.Integer(
        required=True, metadata={"description": "Of sales that can still be given back: the next settlement has them."}
    )


class SettlementPreviewOut(Out):
    """What the statements would come to now; those with exceptions first."""

    items = fields.List(fields.Nested(StatementComparedOut), required=True)
    next_cursor = fields.String(required=True, allow_none=True)
    total = fields.Integer()
    waiting = fields.Nested(SettlementWaitingOut, required=True)
    empty_because = fields.List(fields.String(validate=validate.OneOf(REASONS)), required=True)


class StatementFilterIn(In):
    """Statements that all of these hold for; none of them: every statement."""

    store_id = fields.UUID(load_default=None, metadata={"description": "Where they worked at the period's end."})
    guide_id = fields.UUID(load_default=None)
    currency = fields.String(load_default=None, validate=validate.Length(equal=3))
    exception = fields.String(load_default=None, validate=validate.OneOf(EXCEPTIONS))


class StatementsIn(PageIn, StatementFilterIn):
    state = fields.String(load_default=None, validate=validate.OneOf(STATEMENT_STATES))


class StatementDecisionIn(In):
    """One decision on statements that are named, or on all that match and are in a state for it."""

    command = fields.String(required=True, validate=validate.OneOf(DECISIONS))
    reason = text_field(
        500, load_default=None, metadata={"description": "Holding and rejecting ask for one; the guide sees it."}
    )
    held_until = fields.Date(
        load_default=None, validate=DAYS, metadata={"description": "Of holding: when to look at it again."}
    )
    statement_ids = fields.List(fields.UUID(), load_default=None, validate=validate.Length(1, MOST_NAMED))
    matching = fields.Nested(StatementFilterIn, load_default=None)
    counted_at = fields.DateTime(
        required=True, metadata={"description": "The settlement's, as the statements were looked at."}
    )

    @validates_schema
    def check_parts(self, data: dict[str, Any], **_: Any) -> None:
        if data["command"] in ("hold", "reject") and not data["reason"]:
            raise unfit(say("reason_required.decision"), "reason")
        if data["held_until"] and data["command"] != "hold":
            raise unfit(say("only_with", name="hold"), "held_until")
        if (data["statement_ids"] is None) == (data["matching"] is None):
            raise unfit(say("one_of_two", first="statement_ids", second="matching"), "statement_ids")


class StatementDecisionOut(Out):
    """What was decided on, and what is left."""

    decided = fields.Integer(required=True, metadata={"description": "How many statements."})
    own = fields.Integer(
        required=True, metadata={"description": "How many that match are the caller's own: somebody else decides."}
    )
    totals = fields.List(
        fields.Nested(StatementTotalOut),
        required=True,
        metadata={"description": "What the statements come to now, by currency and state."},
    )


class StatementOut(StatementComparedOut):
    id = fields.UUID(required=True)
    settlement_id = fields.UUID(required=True)
    first_day = fields.Date(required=True)
    last_day = fields.Date(required=True)
    store_id = fields.UUID(required=True)
    store_code = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(STATEMENT_STATES))
    reason = fields.String(required=True, allow_none=True, metadata={"description": "Why it is held or was rejected."})
    held_until = fields.Date(required=True, allow_none=True)


StatementPageOut = paged(StatementOut)


class StatementCauseOut(Out):
    """What the entries of one cause come to."""

    cause = fields.String(required=True, validate=validate.OneOf(CAUSES))
    accrued = money_field("Earned.")
    reversed = money_field("Taken back: 0 or less.")
    entries = fields.Integer(required=True)


class StatementDetailOut(StatementOut):
    causes = fields.List(fields.Nested(StatementCauseOut), required=True)
    steps = fields.List(fields.Nested(SettlementStepOut), required=True)


class StatementLineOut(Out):
    """A ledger entry that the statement settles."""

    id = fields.Integer(required=True)
    day = fields.Date(required=True)
    cause = fields.String(required=True, validate=validate.OneOf(CAUSES))
    amount = money_field("Negative: taken back.")
    order_external_id = fields.String(required=True, allow_none=True)
    refund = fields.Boolean(required=True, metadata={"description": "Whether a refund's line is the cause."})
    sku_code = fields.String(required=True, allow_none=True)
    product_title = fields.String(required=True, allow_none=True)
    plan_code = fields.String(required=True, allow_none=True)
    plan_version = fields.Integer(required=True, allow_none=True)
    rule_no = fields.Integer(required=True, allow_none=True)
    rule_name = fields.String(required=True, allow_none=True)
    rate_bp = fields.Integer(required=True, allow_none=True)
    net = money_field("What the rate is of; null: no one rate of net pays it.", allow_none=True)
    reason = fields.String(
        required=True,
        allow_none=True,
        validate=validate.OneOf((LATE_CLASSIFICATION,)),
        metadata={"description": "The line's SKU became known only after it was posted; null: all else."},
    )


StatementLinePageOut = paged(StatementLineOut)


class StatementRoundingOut(Out):
    """The rate of net as it is, in ten-thousandths of a minor unit, and as it was rounded."""

    numerator = fields.Integer(required=True)
    denominator = fields.Integer(required=True)
    rounded = fields.Integer(required=True, metadata={"description": "Half away from zero."})


class StatementWhyOut(Out):
    """All that a line of a statement rests on."""

    line = fields.Nested(StatementLineOut, required=True)
    rule = fields.Dict(
        required=True, allow_none=True, metadata={"description": "The rule, as the plan version says it."}
    )
    rounding = fields.Nested(StatementRoundingOut, required=True, allow_none=True)
    posted_at = fields.DateTime(required=True)
    transaction_id = fields.UUID(required=True)
    store_id = fields.UUID(required=True)
    order_id = fields.UUID(required=True, allow_none=True)
    order_line_id = fields.UUID(required=True, allow_none=True)
    order_revision = fields.Integer(required=True, allow_none=True)
    ordered_at = fields.DateTime(required=True, allow_none=True)
    quantity = fields.Integer(required=True, allow_none=True)
    plan_version_id = fields.UUID(required=True, allow_none=True)
    decision_id = fields.UUID(required=True, allow_none=True)
    decision_reason = fields.String(required=True, allow_none=True)
    policy_version = fields.Integer(required=True, allow_none=True)
    candidates = fields.List(fields.Nested(CandidateOut), required=True)
