"""A version of a commission plan as data. Amounts are minor units of its currency, rates basis points (1/10,000).

These types are the one description of the format: its JSON Schema is made from them.
"""

from datetime import date
from typing import Annotated, Literal, get_args

import msgspec
from msgspec import Meta, Struct, field

from commissions.rules.language.facts import Facts

WHOLE_BP = 10_000
MAX_AMOUNT = 10**12
MAX_RULES = 200
MAX_TABLES = 50
# They are tried whenever a version is saved, shown or approved.
MAX_EXAMPLES = 20
Name = Annotated[str, Meta(min_length=1, max_length=80)]
Word = Annotated[str, Meta(min_length=1, max_length=255)]
Words = Annotated[tuple[Word, ...], Meta(max_length=500)]
Amount = Annotated[int, Meta(ge=0, le=MAX_AMOUNT, description="Minor units of the plan's currency.")]
Bp = Annotated[int, Meta(ge=0, le=10_000, description="Basis points: 10,000 are the whole.")]
Count = Annotated[int, Meta(ge=0, le=1_000_000)]
_BOUND = (
    "From here on: an amount, a number, or of ratios basis points (100 % are 10,000; 2.0 pieces a receipt, 20,000)."
)
Bound = Annotated[int, Meta(ge=0, le=MAX_AMOUNT, description=_BOUND)]

STAFF_ROLES = ("guide", "store_manager", "regional_manager")
StaffRole = Literal["guide", "store_manager", "regional_manager"]
CreditRole = Literal[
    "seller", "serving", "sharing", "bound", "recruiting", "home_store", "ordering_store", "fulfilling_store"
]
Metric = Literal[
    "net", "settled_net", "units", "receipts", "new_members", "units_per_receipt", "members_share", "attainment",
    "days_worked", "task_completion", "reading",
]  # fmt: skip
RATIOS = frozenset({"units_per_receipt", "members_share", "attainment", "task_completion", "reading"})
Excluded = Literal[
    "stored_value_top_up", "stored_value_consumption", "gift_cards", "points", "freight", "tax", "staff_purchases",
    "deposits",
]  # fmt: skip


class Part(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Common ground of everything in a plan: unknown fields are refused, so a typo cannot hide."""


class Kind(Part, frozen=True, tag_field="kind"):
    """Common ground of what comes in several kinds."""


class Match(Part, frozen=True):
    """Which lines: what is not named fits everything. Bounds are lower ones only; the first rule that fits decides."""

    brands: Words = ()
    categories: Annotated[Words, Meta(description="Paths such as `护肤 > 精华`, each with all below it.")] = ()
    skus: Words = ()
    tags: Annotated[Words, Meta(description="The product's tags: one of them is enough.")] = ()
    channels: Words = ()
    store_tags: Words = ()
    roles: tuple[StaffRole, ...] = ()
    customers: tuple[Literal["new", "bound", "key_account"], ...] = ()
    campaigns: Words = ()
    first_day: date | None = None
    last_day: date | None = None
    discount_from_bp: Annotated[int, Meta(ge=0, le=100_000, description="Paid ÷ tag price.")] | None = None
    price_from: Annotated[int, Meta(ge=0, le=MAX_AMOUNT, description="Paid for one piece.")] | None = None
    quantity_from: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None


class Percentage(Kind, frozen=True, tag="percentage"):
    """A share of the line's net, margin (net less cost) or tag price."""

    rate_bp: Bp
    of: Literal["net", "margin", "tag_price"] = "net"


class Fixed(Kind, frozen=True, tag="fixed"):
    """An amount for each piece, or for each receipt that has such a line."""

    amount: Amount
    per: Literal["unit", "order"] = "unit"


class Greater(Kind, frozen=True, tag="greater"):
    """The greater of two."""

    of: tuple[Percentage | Fixed, Percentage | Fixed]


class ByRole(Kind, frozen=True, tag="by_role"):
    """A rate of the line's net for each role, rounded each for itself."""

    rates: Annotated[tuple["RoleRate", ...], Meta(min_length=1, max_length=8)]


class RoleRate(Part, frozen=True):
    """What a role gets."""

    role: CreditRole
    rate_bp: Bp


class ByTable(Kind, frozen=True, tag="table"):
    """By the row of a table that is reached in the period: a rate of net, or an amount."""

    table: Name


class Nothing(Kind, frozen=True, tag="nothing"):
    """No pay; such lines may still count."""


Pays = Percentage | Fixed | Greater | ByRole | ByTable | Nothing


class Share(Part, frozen=True):
    """A role's part of one pot."""

    role: CreditRole
    share_bp: Bp


class Measure(Part, frozen=True):
    """A figure of the period, of the person who is paid, their store or its region."""

    metric: Metric
    of: Literal["person", "store", "region"] = "person"
    reading: Annotated[Name, Meta(description="Which frozen reading; of metric `reading` only.")] | None = None


class Gate(Part, frozen=True):
    """Below it, nothing of the rule is paid."""

    measure: Measure
    from_: Bound = field(name="from")


class Point(Part, frozen=True):
    """From this bound on, this value: a rate or coefficient in basis points, or an amount."""

    from_: Bound = field(name="from")
    value: Annotated[int, Meta(ge=0, le=MAX_AMOUNT)]


class Table(Part, frozen=True):
    """What a measure gives: the row reached for all (`step`), each row for its part (`marginal`), or between points."""

    name: Name
    measure: Measure
    method: Literal["step", "marginal", "linear"]
    gives: Literal["rate", "coefficient", "amount"]
    points: Annotated[tuple[Point, ...], Meta(min_length=1, max_length=100)]
    otherwise: Annotated[int, Meta(ge=0, le=MAX_AMOUNT)] | None = field(name="else", default=None)


class Weighed(Part, frozen=True):
    """A table of coefficients, and its weight where they are added up."""

    table: Name
    weight_bp: Bp | None = None


class Coefficients(Part, frozen=True):
    """What pay is multiplied by: exactly, and rounded once."""

    combine: Literal["product", "weighted", "minimum"]
    of: Annotated[tuple[Weighed, ...], Meta(min_length=1, max_length=10)]


class LineRule(Kind, frozen=True, tag="line"):
    """Pays by lines: the first that fits decides, and every `also` that fits is paid on top."""

    name: Name
    pays: Pays
    match: Match = Match()
    also: bool = False
    counts: Annotated[bool, Meta(description="Whether such lines count towards attainment.")] = True
    credits: Annotated[
        tuple[Share, ...], Meta(max_length=8, description="One pot; left out, all goes to the seller.")
    ] = ()
    coefficients: Coefficients | None = None
    gates: Annotated[tuple[Gate, ...], Meta(max_length=10)] = ()
    most: Annotated[int, Meta(ge=0, le=MAX_AMOUNT, description="To one person, in a period.")] | None = None


class NewCustomerRule(Kind, frozen=True, tag="new_customer"):
    """An amount for each customer who is bound for the first time and buys; revoked by a return until it matures."""

    name: Name
    amount: Amount
    needs: tuple[Literal["name", "phone"], ...] = ()
    first_purchase_from: Amount = 0
    within_days: Annotated[int, Meta(ge=1, le=366)] = 30
    matures_after_days: Annotated[int, Meta(ge=0, le=366)] = 15
    at_most: Annotated[int, Meta(ge=1, le=1_000_000, description="Customers in a period.")] | None = None


class PoolShare(Part, frozen=True):
    """The part of a pool that people of a role divide."""

    role: StaffRole
    share_bp: Bp


class Grade(Part, frozen=True):
    """How much an hour of a grade weighs; 10,000 where it is not named."""

    grade: Name
    weight_bp: Annotated[int, Meta(ge=0, le=100_000)]


class PoolRule(Kind, frozen=True, tag="pool"):
    """A share of the store's net, divided by roles and within them by weights."""

    name: Name
    rate_bp: Bp
    shares: Annotated[tuple[PoolShare, ...], Meta(min_length=1, max_length=3)]
    weights: Literal["equal", "minutes", "minutes_by_grade"] = "minutes"
    grades: Annotated[tuple[Grade, ...], Meta(max_length=50)] = ()
    gates: Annotated[tuple[Gate, ...], Meta(max_length=10)] = ()


class ContestRule(Kind, frozen=True, tag="contest"):
    """Prizes by rank; who is level shares the prizes of the places they fill together."""

    name: Name
    measure: Measure
    prizes: Annotated[tuple[int, ...], Meta(min_length=1, max_length=50, description="By place; nobody pays.")]
    store_tags: Annotated[
        Words, Meta(description="The group: people of stores with one of these; all by default.")
    ] = ()
    gates: Annotated[tuple[Gate, ...], Meta(max_length=10)] = ()


class GuaranteeRule(Kind, frozen=True, tag="guarantee"):
    """At least this much a full period, by days placed; the top-up is what is missing."""

    name: Name
    amount: Amount
    months: Annotated[int, Meta(ge=1, le=60, description="Of employment.")]
    recoverable: Annotated[bool, Meta(description="Whether later commission pays it back.")] = False


class OverrideRule(Kind, frozen=True, tag="override"):
    """What a manager gets of the commission or net of those they lead."""

    name: Name
    role: Literal["store_manager", "regional_manager"]
    rate_bp: Bp
    of: Literal["commission", "net"] = "commission"


Rule = LineRule | NewCustomerRule | PoolRule | ContestRule | GuaranteeRule | OverrideRule
RULE_KINDS = tuple(kind.__struct_config__.tag for kind in get_args(Rule))


class Period(Part, frozen=True):
    """What is added up: a month from a day on, a week from a weekday (1 is Monday), a quarter or a campaign."""

    unit: Literal["month", "week", "quarter", "campaign"] = "month"
    from_day: Annotated[int, Meta(ge=1, le=28)] = 1
    campaign: Name | None = None


class Refunds(Part, frozen=True):
    """What goods that come back take back."""

    reverse: Literal["as_posted", "recompute"] = "as_posted"
    attainment: Literal["none", "in_refund_period", "in_sale_period_while_open"] = "in_sale_period_while_open"
    bonus_rechecked_days: Annotated[int, Meta(ge=0, le=366, description="After the period's end.")] = 0
    after_payment: Literal["carry", "write_off"] = "carry"


class Audience(Part, frozen=True):
    """Whom the plan pays: people of these roles at stores with one of these tags; all by default."""

    roles: tuple[StaffRole, ...] = ()
    store_tags: Words = ()


class Expected(Part, frozen=True):
    """What somebody gets in an example, in all or of one rule."""

    to: Annotated[Name, Meta(description="Staff number, or a store's code.")]
    amount: Annotated[int, Meta(ge=-MAX_AMOUNT, le=MAX_AMOUNT)]
    rule: Name | None = None
    later: Annotated[int, Meta(ge=-MAX_AMOUNT, le=MAX_AMOUNT, description="What refunds after approval change.")] = 0


class Example(Part, frozen=True):
    """Facts, and what they pay. An approved version pays so."""

    name: Name
    facts: Facts
    expected: Annotated[tuple[Expected, ...], Meta(min_length=1, max_length=100)]


class Plan(Part, frozen=True):
    """A version of a commission plan, whole."""

    rules: Annotated[tuple[Rule, ...], Meta(min_length=1, max_length=MAX_RULES)]
    tables: Annotated[tuple[Table, ...], Meta(max_length=MAX_TABLES)] = ()
    audience: Audience = Audience()
    period: Period = Period()
    counts_on: Literal["ordered", "completed"] = "ordered"
    excludes: tuple[Excluded, ...] = ("stored_value_top_up", "gift_cards", "freight", "tax", "deposits")
    refunds: Refunds = Refunds()
    most: Annotated[int, Meta(ge=0, le=MAX_AMOUNT, description="To one person, in a period.")] | None = None
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$")] = "CNY"
    examples: Annotated[tuple[Example, ...], Meta(max_length=MAX_EXAMPLES)] = ()

    def table(self, name: str) -> Table | None:
        """The table of this name."""
        return next((table for table in self.tables if table.name == name), None)

    @property
    def line_rules(self) -> tuple[LineRule, ...]:
        """The rules that pay by lines, in order."""
        return tuple(rule for rule in self.rules if isinstance(rule, LineRule))


def json_schema() -> dict[str, object]:
    """The JSON Schema (2020-12) of a plan."""
    schemas, components = msgspec.json.schema_components([Plan], ref_template="#/$defs/{name}")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schemas[0], "$defs": components}
