"""What the routes of attribution policies take and give."""

from typing import Any

from marshmallow import fields, validates_schema

from kit.money import WHOLE_BP
from kit.web import validate
from kit.web.io import In, Out, paged
from kit.web.validate import unfit
from kit.words import say
from orders.rules.attribution import KINDS, Policy

DEFAULT = Policy()
LONGEST_DAYS = 366


def _days(default: int | None, description: str, **options: Any) -> fields.Integer:
    return fields.Integer(
        load_default=default,
        strict=True,
        validate=validate.Range(0, LONGEST_DAYS),
        metadata={"description": description},
        **options,
    )


class PolicyPartIn(In):
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    share_bp = fields.Integer(required=True, strict=True, validate=validate.Range(1, WHOLE_BP))


class PolicyTermsIn(In):
    """How claims count; what is left out is as in version 1."""

    precedence = fields.List(
        fields.String(validate=validate.OneOf(KINDS)),
        load_default=list(KINDS),
        validate=validate.Length(1, len(KINDS)),
        metadata={"description": "Which kind of claim gets the sale; one that is left out never does."},
    )
    share_window_days = _days(DEFAULT.share_window_days, "How long before the order a link may have been opened.")
    share_windows = fields.Dict(
        keys=fields.String(validate=validate.Length(1, 64)),
        values=fields.Integer(strict=True, validate=validate.Range(0, LONGEST_DAYS)),
        load_default=dict,
        validate=validate.Length(max=50),
        metadata={"description": "The same, by the order's channel."},
    )
    splits = fields.List(
        fields.List(fields.Nested(PolicyPartIn), validate=validate.Length(2, len(KINDS))),
        load_default=list,
        validate=validate.Length(max=4),
        metadata={"description": "Divisions of a sale where it has a claim of each kind; the first that fits holds."},
    )
    protection_days = _days(0, "How long the guide who had a customer before keeps the claim after a handover.")
    recruiting_days = _days(
        None, "How long the guide who won the customer is credited as recruiting; null: always.", allow_none=True
    )

    @validates_schema
    def of_a_whole(self, data: dict[str, Any], **_: Any) -> None:
        precedence = data.get("precedence", [])
        if len(set(precedence)) < len(precedence):
            raise unfit(say("kind_twice"), "precedence")
        for split in data.get("splits", []):
            kinds = [part["kind"] for part in split]
            if len(set(kinds)) < len(kinds):
                raise unfit(say("kind_twice"), "splits")
            total = sum(part["share_bp"] for part in split)
            if total != WHOLE_BP:
                raise unfit(say("crooked_shares", total=total, whole=WHOLE_BP), "splits")


class PolicyIn(In):
    policy = fields.Nested(PolicyTermsIn, required=True)
    effective_from = fields.AwareDateTime(
        required=True, metadata={"description": "Orders made from then on; earlier versions end there."}
    )


class PolicyPartOut(Out):
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    share_bp = fields.Integer(required=True)


class PolicyTermsOut(Out):
    precedence = fields.List(fields.String(validate=validate.OneOf(KINDS)), required=True)
    share_window_days = fields.Integer(required=True)
    share_windows = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    splits = fields.List(fields.List(fields.Nested(PolicyPartOut)), required=True)
    protection_days = fields.Integer(required=True)
    recruiting_days = fields.Integer(required=True, allow_none=True)


class PolicyOut(Out):
    """A version of the policy; approved, it never changes."""

    id = fields.UUID(required=True)
    number = fields.Integer(required=True, metadata={"description": "`policy_version` of decisions; 1 is built in."})
    policy = fields.Nested(PolicyTermsOut, required=True)
    effective_from = fields.DateTime(required=True)
    created_by = fields.UUID(required=True)
    approved_by = fields.UUID(required=True, allow_none=True)
    approved_at = fields.DateTime(required=True, allow_none=True)


PolicyPageOut = paged(PolicyOut)


class WithheldOut(Out):
    """A line of a closed day that the version would have credited otherwise."""

    id = fields.UUID(required=True)
    line_id = fields.UUID(required=True)
    order_id = fields.UUID(required=True)
    order_external_id = fields.String(required=True)
    business_day = fields.Date(required=True)
    store_id = fields.UUID(required=True)
    store_name = fields.String(required=True)
    noted_at = fields.DateTime(required=True)


WithheldPageOut = paged(WithheldOut)
