"""What the routes of commission plans take and give."""

from typing import get_args

from marshmallow import fields

from commissions.rules.pay.explaining import Verdict
from kit.web import validate
from kit.web.io import In, Out, paged, text_field
from kit.web.paging import PageIn

SCHEMA_AT = "a document of the JSON Schema at `GET /v1/commission-plan-schema`"


def _document(description: str) -> fields.Dict:
    return fields.Dict(keys=fields.String(), required=True, metadata={"description": description})


class PlanIn(In):
    code = text_field(64, required=True, metadata={"example": "base-2026"})
    name = text_field(200, required=True, metadata={"example": "2026 基础提成"})


class PlanVersionIn(In):
    plan = _document(f"What the version says: {SCHEMA_AT}.")
    effective_from = fields.AwareDateTime(
        required=True, metadata={"description": "Orders from then on; earlier approved versions end there."}
    )


class ExplainIn(In):
    facts = _document("Lines and what else the pay depends on: `Facts` of the plan's JSON Schema, as in its examples.")


class PlanVersionOut(Out):
    """A version; approved, it never changes."""

    id = fields.UUID(required=True)
    plan_id = fields.UUID(required=True)
    number = fields.Integer(required=True)
    effective_from = fields.DateTime(required=True)
    created_by = fields.UUID(required=True)
    approved_by = fields.UUID(required=True, allow_none=True)
    approved_at = fields.DateTime(required=True, allow_none=True)


class PlanOut(Out):
    id = fields.UUID(required=True)
    code = fields.String(required=True)
    name = fields.String(required=True)
    versions = fields.List(fields.Nested(PlanVersionOut), required=True)


PlanPageOut = paged(PlanOut)


class ProseOut(Out):
    """The plan in plain sentences, made from its data, to be read and signed."""

    zh = fields.List(fields.String(), required=True, metadata={"example": ["按净销售额的 3% 计提。"]})
    en = fields.List(fields.String(), required=True, metadata={"example": ["It pays 3% of net sales."]})


class DifferenceOut(Out):
    """An expectation of an example that does not come out."""

    to = fields.String(required=True)
    rule = fields.String(required=True, allow_none=True)
    expected = fields.Integer(required=True)
    amount = fields.Integer(required=True, metadata={"description": "What the plan pays."})
    expected_later = fields.Integer(required=True)
    later = fields.Integer(required=True, metadata={"description": "What refunds after approval change."})


class QuestionOut(Out):
    """What a rule could not know, and pays by nothing."""

    rule = fields.String(required=True)
    about = fields.String(required=True, validate=validate.OneOf(("cost_unknown", "figure_unknown")))
    line = fields.Integer(required=True, allow_none=True, metadata={"description": "Position, from 0."})
    to = fields.String(required=True, allow_none=True)


class ExampleOut(Out):
    """An example inside the version, tried."""

    name = fields.String(required=True)
    passed = fields.Boolean(required=True)
    differences = fields.List(fields.Nested(DifferenceOut), required=True)
    questions = fields.List(fields.Nested(QuestionOut), required=True)


class PlanVersionDetailOut(PlanVersionOut):
    """A version with all that it says, in sentences too, and what there is to know before it is approved."""

    plan = _document(f"What it says: {SCHEMA_AT}.")
    prose = fields.Nested(ProseOut, required=True)
    examples = fields.List(fields.Nested(ExampleOut), required=True)
    idle_rules = fields.List(
        fields.String(), required=True, metadata={"description": "Rules that fit no SKU of the catalog today."}
    )
    not_posted_yet = fields.List(
        fields.String(), required=True, metadata={"description": "What keeps it from being approved as of now."}
    )


class SchemaOut(Out):
    schema = _document("A JSON Schema, 2020-12.")


class TemplateNameOut(Out):
    zh = fields.String(required=True)
    en = fields.String(required=True)


class TemplateOut(Out):
    """A plan to begin from."""

    code = fields.String(required=True)
    name = fields.Nested(TemplateNameOut, required=True)
    plan = _document(f"What it says: {SCHEMA_AT}.")
    prose = fields.Nested(ProseOut, required=True)


class TemplatesOut(Out):
    items = fields.List(fields.Nested(TemplateOut), required=True)


class MissOut(Out):
    """A condition that a line does not meet."""

    field = fields.String(required=True, metadata={"example": "brands"})
    wanted = fields.List(fields.String(), required=True)
    found = fields.List(fields.String(), required=True)


class TrialOut(Out):
    """A rule tried on a line."""

    rule = fields.String(required=True)
    verdict = fields.String(
        required=True,
        validate=validate.OneOf(get_args(Verdict)),
        metadata={"description": "`too_late`: it fits, and an earlier rule has decided."},
    )
    misses = fields.List(fields.Nested(MissOut), required=True)
    paid_at_once = fields.Boolean(required=True, metadata={"description": "False: when the period is closed."})


class LineTriedOut(Out):
    line = fields.Integer(required=True, metadata={"description": "Position, from 0."})
    excluded = fields.String(
        required=True, allow_none=True, metadata={"description": "What the plan leaves it out as.", "example": None}
    )
    rules = fields.List(fields.Nested(TrialOut), required=True)


class ExactOut(Out):
    """An amount before it was rounded."""

    numerator = fields.Integer(required=True)
    denominator = fields.Integer(required=True)


class PaymentOut(Out):
    """What somebody gets."""

    to = fields.String(required=True, metadata={"description": "Staff number, or a store's code."})
    rule = fields.String(required=True, allow_none=True, metadata={"description": "null: the plan's own limit."})
    line = fields.Integer(required=True, allow_none=True)
    amount = fields.Integer(required=True, metadata={"description": "Minor units."})
    exact = fields.Nested(ExactOut, required=True, allow_none=True)


class ExplanationOut(Out):
    """Each rule tried on each line, each rounding, and what could not be known."""

    lines = fields.List(fields.Nested(LineTriedOut), required=True)
    payments = fields.List(fields.Nested(PaymentOut), required=True)
    questions = fields.List(fields.Nested(QuestionOut), required=True)


class AcknowledgementOut(Out):
    acknowledged_at = fields.DateTime(required=True)


class AcknowledgementsIn(PageIn):
    missing = fields.Boolean(load_default=False, metadata={"description": "Those only who have not."})


class PayeeOut(Out):
    """Somebody whom the version pays."""

    id = fields.UUID(required=True)
    staff_no = fields.String(required=True)
    name = fields.String(required=True)
    store_code = fields.String(required=True)
    acknowledged_at = fields.DateTime(required=True, allow_none=True)


PayeePageOut = paged(PayeeOut)


class MyPlanOut(Out):
    """A version that pays me, now or from its start on."""

    plan_id = fields.UUID(required=True)
    code = fields.String(required=True)
    name = fields.String(required=True)
    number = fields.Integer(required=True)
    effective_from = fields.DateTime(required=True)
    acknowledged_at = fields.DateTime(required=True, allow_none=True)
    prose = fields.Nested(ProseOut, required=True)


class MyPlansOut(Out):
    items = fields.List(fields.Nested(MyPlanOut), required=True)
