"""What boards take and give."""

from marshmallow import fields

from kit.web import validate
from kit.web.io import MoneyOut, Out, paged
from kit.web.paging import PageIn
from performance.schemas.periods import PeriodOut, currency_field, from_day_field, restated_at_field, to_day_field

METRICS = ("net_sales", "settled_sales", "orders", "forwards", "commission")
SCOPES = ("store", "region", "company")


class LeaderboardIn(PageIn):
    metric = fields.String(required=True, validate=validate.OneOf(METRICS))
    scope = fields.String(load_default="store", validate=validate.OneOf(SCOPES))
    store_id = fields.UUID(
        load_default=None, metadata={"description": "Which store, or whose region; your own by default."}
    )
    from_day = from_day_field()
    to_day = to_day_field()
    currency = currency_field("Sums are in one currency: your store's, or that of the board's stores.")


class StandingOut(Out):
    rank = fields.Integer(required=True, metadata={"description": "1, 2, 2, 4: equals share a rank."})
    amount = fields.Nested(
        MoneyOut,
        required=True,
        allow_none=True,
        metadata={"description": "Of a money metric; null for those whose figures one does not see."},
    )
    count = fields.Integer(required=True, allow_none=True, metadata={"description": "Of any other metric."})


class LeaderPersonOut(Out):
    """On a board wider than one's sight, those who lead are names without a number."""

    id = fields.UUID(required=True, allow_none=True)
    staff_no = fields.String(required=True, allow_none=True)
    name = fields.String(required=True)


class LeaderOut(StandingOut):
    guide = fields.Nested(LeaderPersonOut, required=True)
    is_me = fields.Boolean(required=True)


class NeighbourOut(LeaderOut):
    """A row next to mine."""

    guide = fields.Nested(
        LeaderPersonOut, required=True, allow_none=True, metadata={"description": "Null: somebody from elsewhere."}
    )


LeaderPageOut = paged(LeaderOut)


class LeaderboardOut(PeriodOut, LeaderPageOut):  # type: ignore[misc, valid-type]
    metric = fields.String(required=True, validate=validate.OneOf(METRICS))
    scope = fields.String(required=True, validate=validate.OneOf(SCOPES))
    computed_at = fields.DateTime(required=True, allow_none=True)
    restated_at = restated_at_field()
    whole = fields.Boolean(
        required=True,
        metadata={"description": "Whether the board lies within one's sight; else `items` are who leads, by name."},
    )
    around_me = fields.List(
        fields.Nested(NeighbourOut),
        required=True,
        metadata={"description": "On a board that is not whole: my row and those next to it, strangers unnamed."},
    )
    me = fields.Nested(StandingOut, required=True, allow_none=True, metadata={"description": "Where I stand."})
