"""What the performance routes take and give."""

from marshmallow import fields, validates_schema

from kit.web import validate
from kit.web.io import MoneyOut, Out, QueryIn, money_field, paged
from kit.web.paging import PageIn
from kit.web.validate import unfit
from kit.words import say
from performance.queries import GROUPINGS
from staff.schemas.sign_in import PersonOut

METRICS = ("net_sales", "settled_sales", "orders", "forwards", "commission")
SCOPES = ("store", "region", "company")


def _from_day() -> fields.Date:
    return fields.Date(
        load_default=None, data_key="from", metadata={"description": "First day; the first of the month by default."}
    )


def _to_day() -> fields.Date:
    return fields.Date(load_default=None, data_key="to", metadata={"description": "Last day; today by default."})


def _currency(description: str = "Sums are in one currency: your store's by default.") -> fields.String:
    return fields.String(
        load_default=None,
        validate=validate.Regexp(r"^[A-Z]{3}\Z"),
        metadata={"description": description, "example": "CNY"},
    )


def _restated_at() -> fields.DateTime:
    description = "When sales of a day that was over last changed, by a late or corrected receipt; null: never."
    return fields.DateTime(required=True, allow_none=True, metadata={"description": description})


class PeriodIn(QueryIn):
    from_day = _from_day()
    to_day = _to_day()
    currency = _currency()


class GuideFiguresIn(PageIn):
    from_day = _from_day()
    to_day = _to_day()
    currency = _currency("Sums in this currency only; by default every row is in its own.")
    store_id = fields.UUID(load_default=None)


class LeaderboardIn(PageIn):
    metric = fields.String(required=True, validate=validate.OneOf(METRICS))
    scope = fields.String(load_default="store", validate=validate.OneOf(SCOPES))
    store_id = fields.UUID(
        load_default=None, metadata={"description": "Which store, or whose region; your own by default."}
    )
    from_day = _from_day()
    to_day = _to_day()
    currency = _currency("Sums are in one currency: your store's, or that of the board's stores.")


class FiguresOut(Out):
    orders = fields.Integer(required=True, metadata={"description": "Receipts with a line credited to the guide."})
    orders_bp = fields.Integer(
        required=True, metadata={"description": "Receipts, each 10,000 divided among who sold it: these add up."}
    )
    units = fields.Integer(
        required=True,
        metadata={"description": "Pieces sold less those that came back, of lines with their credit."},
    )
    units_bp = fields.Integer(
        required=True, metadata={"description": "Pieces, each 10,000 divided among who sold it: these add up."}
    )
    net_sales = money_field("Paid less refunded, on the day of the sale, without tax and shipping.")
    settled_sales = money_field("Paid on the day of the sale, refunded on the day of the refund.")
    refunds = money_field("Given back on the day, of whatever sale.")
    customers = fields.Integer(required=True, metadata={"description": "Members served, each once a day."})
    forwards = fields.Integer(required=True)
    opens = fields.Integer(required=True, metadata={"description": "Unique viewers of shared pages, each once a day."})
    tasks_due = fields.Integer(required=True)
    tasks_done = fields.Integer(required=True)
    commission = money_field("Posted to the guide's account.")


class DayFiguresOut(FiguresOut):
    day = fields.Date(required=True)
    live = fields.Boolean(required=True, metadata={"description": "Counted now, not computed by a job."})


class PeriodOut(Out):
    from_day = fields.Date(required=True, data_key="from")
    to_day = fields.Date(required=True, data_key="to")
    currency = fields.String(required=True)


class MyPerformanceOut(PeriodOut):
    restated_at = _restated_at()
    days = fields.List(fields.Nested(DayFiguresOut), required=True)
    total = fields.Nested(FiguresOut, required=True)


class GuideFiguresOut(FiguresOut):
    """One guide's figures in one currency: of the stores that have it."""

    guide = fields.Nested(PersonOut, required=True)


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
    restated_at = _restated_at()
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


GuideFiguresPageOut = paged(GuideFiguresOut)


class GuideFiguresListOut(PeriodOut, GuideFiguresPageOut):  # type: ignore[misc, valid-type]
    currency = fields.String(
        required=True, allow_none=True, metadata={"description": "The one asked for; null: every row in its own."}
    )
    uncredited = fields.List(
        fields.Nested(FiguresOut),
        required=True,
        metadata={"description": "By currency, what nobody gets credit for; the same on every page."},
    )
    computed_at = fields.DateTime(required=True, allow_none=True)
    restated_at = _restated_at()


class ContentFiguresIn(QueryIn):
    """Forwards made from `since` (included) to `until` (excluded), and what has come of them since."""

    by = fields.String(load_default="content", validate=validate.OneOf(GROUPINGS))
    since = fields.AwareDateTime(required=True, metadata={"example": "2026-11-01T00:00:00Z"})
    until = fields.AwareDateTime(required=True, metadata={"example": "2026-12-01T00:00:00Z"})
    content_id = fields.UUID(load_default=None)
    limit = fields.Integer(load_default=100, validate=validate.Range(1, 1000))

    @validates_schema
    def check_period(self, data: dict[str, object], **_: object) -> None:
        if data["since"] >= data["until"]:  # type: ignore[operator]
            raise unfit(say("not_later", than="since"), "until")


class ContentFiguresOut(Out):
    key = fields.String(required=True, metadata={"description": "An id, a channel, or a version's id."})
    label = fields.String(required=True)
    forwards = fields.Integer(required=True)
    delivered = fields.Integer(required=True, metadata={"description": "Confirmed by the app or the channel."})
    opened = fields.Integer(required=True, metadata={"description": "Forwards that somebody opened."})
    viewers = fields.Integer(required=True, metadata={"description": "Different people who opened."})
    clicks = fields.Integer(required=True)
    dwell_ms = fields.Integer(required=True, metadata={"description": "Mean time of a visit."})
    excluded = fields.Integer(required=True, metadata={"description": "Touches that do not count."})
    orders = fields.Integer(required=True, metadata={"description": "Orders that came through the links, in time."})
    net_sales = fields.List(
        fields.Nested(MoneyOut), required=True, metadata={"description": "Of those orders, by currency."}
    )


class ContentFiguresListOut(Out):
    items = fields.List(fields.Nested(ContentFiguresOut), required=True)
