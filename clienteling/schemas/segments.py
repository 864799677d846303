"""What the segment routes take and give."""

from typing import Any

from marshmallow import EXCLUDE, fields, post_load, validates_schema

from customers.sealed import PROFILE_FIELDS
from kit.web import validate
from kit.web.io import In, Out, money_field, paged, text_field
from kit.web.validate import unfit
from kit.words import say
from models.clienteling import STAGES
from models.contact import CONTACT_CHANNELS
from models.customers import IDENTITY_KINDS

ALL_STAGES = ("prospect", *STAGES)
CONSENT_STATES = ("granted", "refused", "unrecorded")
MAX_NAMED = 50
MAX_DAYS = 3660


class _BoundsIn(In):
    """At least `from`, at most `to`; one of them suffices."""

    @validates_schema
    def check_order(self, data: dict[str, Any], **_: Any) -> None:
        if not data:
            raise unfit(say("at_least_one", names=["from", "to"]))
        if len(data) > 1 and data["from"] > data["to"]:
            raise unfit(say("above", other="to"), "from")


def _bounds(name: str, make: Any) -> type[_BoundsIn]:
    inside = {bound: make() for bound in ("from", "to")}
    return type(name, (_BoundsIn,), inside)


ScoreBoundsIn = _bounds("ScoreBoundsIn", lambda: fields.Integer(strict=True, validate=validate.Range(1, 5)))
CountBoundsIn = _bounds("CountBoundsIn", lambda: fields.Integer(strict=True, validate=validate.Range(0, 10**15)))
DateBoundsIn = _bounds("DateBoundsIn", fields.Date)


class ConsentFilterIn(In):
    channel = fields.String(required=True, validate=validate.OneOf(CONTACT_CHANNELS))
    state = fields.String(load_default="granted", validate=validate.OneOf(CONSENT_STATES))


def _named(field: "fields.Field[Any]", description: str) -> "fields.List[Any]":
    return fields.List(field, validate=validate.Length(1, MAX_NAMED), metadata={"description": description})


class FilterIn(In):
    """All that is given must hold; nothing given finds everybody. Figures are those of one and the same currency."""

    recency = fields.Nested(ScoreBoundsIn)
    frequency = fields.Nested(ScoreBoundsIn)
    monetary = fields.Nested(ScoreBoundsIn)
    orders = fields.Nested(CountBoundsIn, metadata={"description": "Purchases in the window."})
    net = fields.Nested(CountBoundsIn, metadata={"description": "Net sales in the window, minor units."})
    last_order_on = fields.Nested(DateBoundsIn)
    currency = fields.String(
        validate=validate.Regexp("^[A-Z]{3}$"), metadata={"description": "ISO 4217.", "example": "CNY"}
    )
    stages = _named(fields.String(validate=validate.OneOf(ALL_STAGES)), "One of these.")
    store_ids = _named(fields.UUID(), "Of one of these stores, or bound there.")
    guide_ids = _named(fields.UUID(), "Bound to one of these guides.")
    bound = fields.Boolean(metadata={"description": "Whether they have a guide of their own."})
    tags_any = _named(text_field(64), "With one of these tags.")
    tags_none = _named(text_field(64), "With none of these tags.")
    profile_fields = _named(
        fields.String(validate=validate.OneOf(PROFILE_FIELDS)), "Fields of the profile that are all filled in."
    )
    identities = _named(fields.String(validate=validate.OneOf(IDENTITY_KINDS)), "Channels that all know them.")
    consent = fields.Nested(ConsentFilterIn)

    @post_load
    def as_stored(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Ids and dates as strings, for a JSON column."""
        for name in {"store_ids", "guide_ids"} & data.keys():
            data[name] = sorted({str(id_) for id_ in data[name]})
        if "last_order_on" in data:
            data["last_order_on"] = {bound: day.isoformat() for bound, day in data["last_order_on"].items()}
        return data


class ScoreBoundsOut(Out):
    """At least `from`, at most `to`; one of them suffices."""

    low = fields.Integer(data_key="from")
    high = fields.Integer(data_key="to")


class CountBoundsOut(ScoreBoundsOut):
    """At least `from`, at most `to`; one of them suffices."""


class DateBoundsOut(Out):
    """Not before `from`, not after `to`; one of them suffices."""

    low = fields.Date(data_key="from")
    high = fields.Date(data_key="to")


class ConsentFilterOut(Out):
    channel = fields.String(required=True, validate=validate.OneOf(CONTACT_CHANNELS))
    state = fields.String(required=True, validate=validate.OneOf(CONSENT_STATES))


class FilterOut(FilterIn):
    """A filter as it is kept."""

    class Meta:
        unknown = EXCLUDE

    recency = fields.Nested(ScoreBoundsOut)
    frequency = fields.Nested(ScoreBoundsOut)
    monetary = fields.Nested(ScoreBoundsOut)
    orders = fields.Nested(CountBoundsOut)
    net = fields.Nested(CountBoundsOut)
    last_order_on = fields.Nested(DateBoundsOut)
    consent = fields.Nested(ConsentFilterOut)


class SegmentIn(In):
    name = text_field(200, required=True)
    filter = fields.Nested(FilterIn, required=True)
    shared = fields.Boolean(load_default=False, metadata={"description": "For everybody; headquarters only."})


class SegmentPatch(In):
    name = text_field(200)
    filter = fields.Nested(FilterIn)
    shared = fields.Boolean()
    archived = fields.Boolean(metadata={"description": "Out of the lists; its maker can bring it back."})


class CountIn(In):
    filter = fields.Nested(FilterIn, required=True)


class CountOut(Out):
    customers = fields.Integer(required=True)
    figures_as_of = fields.Date(
        required=True, allow_none=True, metadata={"description": "The day of scores and stages; null before the first."}
    )


class SegmentOut(Out):
    id = fields.UUID(required=True)
    name = fields.String(required=True)
    filter = fields.Nested(FilterOut, required=True)
    shared = fields.Boolean(required=True)
    archived = fields.Boolean(required=True)
    created_by = fields.UUID(required=True)
    created_by_name = fields.String(required=True)
    created_at = fields.DateTime(required=True)
    updated_at = fields.DateTime(required=True)
    version = fields.Integer(required=True, metadata={"description": "Counts changes; in quotes, the ETag."})


class CustomerFiguresOut(Out):
    """In one currency."""

    net = money_field("Net sales in the window.")
    orders = fields.Integer(required=True, metadata={"description": "Purchases in the window."})
    first_order_on = fields.Date(required=True)
    last_order_on = fields.Date(required=True)
    recency = fields.Integer(
        required=True, allow_none=True, metadata={"description": "1 to 5; null for who did not buy."}
    )
    frequency = fields.Integer(required=True, allow_none=True)
    monetary = fields.Integer(required=True, allow_none=True)


class SegmentCustomerOut(Out):
    id = fields.UUID(required=True)
    member_no = fields.String(required=True, allow_none=True)
    name = fields.String(required=True, allow_none=True, metadata={"description": "Masked.", "example": "张*"})
    tags = fields.List(fields.String(), required=True)
    store_id = fields.UUID(required=True, allow_none=True)
    store_name = fields.String(required=True, allow_none=True)
    guide_id = fields.UUID(required=True, allow_none=True, metadata={"description": "Whom they are bound to."})
    guide_name = fields.String(required=True, allow_none=True)
    stage = fields.String(required=True, validate=validate.OneOf(ALL_STAGES))
    figures = fields.List(fields.Nested(CustomerFiguresOut), required=True)


class LimitsIn(In):
    window_days = fields.Integer(required=True, strict=True, validate=validate.Range(1, MAX_DAYS))
    new_days = fields.Integer(required=True, strict=True, validate=validate.Range(1, MAX_DAYS))
    active_days = fields.Integer(required=True, strict=True, validate=validate.Range(1, MAX_DAYS))
    at_risk_days = fields.Integer(required=True, strict=True, validate=validate.Range(1, MAX_DAYS))
    lapsed_days = fields.Integer(required=True, strict=True, validate=validate.Range(1, MAX_DAYS))

    @validates_schema
    def check_order(self, data: dict[str, Any], **_: Any) -> None:
        if not data["active_days"] < data["at_risk_days"] < data["lapsed_days"]:
            raise unfit(say("out_of_order", names=["active_days", "at_risk_days", "lapsed_days"]), "at_risk_days")


class LimitsOut(Out):
    """In days."""

    window_days = fields.Integer(required=True, metadata={"description": "What orders and net sales are counted of."})
    new_days = fields.Integer(required=True, metadata={"description": "`new` since the first purchase."})
    active_days = fields.Integer(required=True, metadata={"description": "`active` since the last purchase."})
    at_risk_days = fields.Integer(required=True)
    lapsed_days = fields.Integer(required=True, metadata={"description": "Longer ago is `lost`."})
    figures_as_of = fields.Date(required=True, allow_none=True)
    computed_at = fields.DateTime(required=True, allow_none=True)


SegmentPageOut = paged(SegmentOut)
SegmentCustomerPageOut = paged(SegmentCustomerOut)
