"""Facts of a period, small enough to be written by hand in an example: who worked, what was sold and returned."""

from datetime import date, datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

MOST = 10**12
Name = Annotated[str, Meta(min_length=1, max_length=80)]
Word = Annotated[str, Meta(min_length=1, max_length=255)]
Fen = Annotated[int, Meta(ge=0, le=MOST)]
Number = Annotated[int, Meta(ge=0, le=1_000_000)]


class Fact(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Common ground: unknown fields are refused."""


class Person(Fact, frozen=True):
    """Somebody at a store; `days_placed` of the period, and which month of employment it is."""

    staff_no: Name
    store: Name = "S1"
    role: Literal["guide", "store_manager", "regional_manager"] = "guide"
    grade: str | None = None
    minutes: Annotated[int, Meta(ge=0, le=1_000_000)] = 0
    days_placed: Annotated[int, Meta(ge=0, le=366)] | None = None
    month: Annotated[int, Meta(ge=1, le=1200)] = 1


class StoreFact(Fact, frozen=True):
    """A store, where its region or tags matter."""

    code: Name
    region: Name = "R1"
    tags: tuple[Word, ...] = ()


class CreditFact(Fact, frozen=True):
    """Who has a part of a role in a line: a staff number, or of a store's role a store's code."""

    to: Name
    role: Literal[
        "seller", "serving", "sharing", "bound", "recruiting", "home_store", "ordering_store", "fulfilling_store"
    ] = "seller"
    share_bp: Annotated[int, Meta(ge=0, le=10_000)] = 10_000


class RefundFact(Fact, frozen=True):
    """What came back of a line, and when: in the period, after it while it was open, or after it was approved."""

    net: Fen = 0
    units: Number = 0
    when: Literal["in_period", "while_open", "after_approval"] = "in_period"


class Line(Fact, frozen=True):
    """A line of a receipt as it was sold; `earlier` is of a period before, of which only refunds matter now."""

    net: Fen
    credits: Annotated[tuple[CreditFact, ...], Meta(min_length=1, max_length=20)]
    units: Annotated[int, Meta(ge=1, le=1_000_000)] = 1
    receipt: Name | None = None
    at: Annotated[datetime, Meta(tz=True)] | None = None
    day: date | None = None
    tag_price: Fen | None = None
    cost: Fen | None = None
    brand: Word | None = None
    category: Word | None = None
    sku: Word | None = None
    tags: tuple[Word, ...] = ()
    channel: Word = "pos"
    store: Name = "S1"
    customer: tuple[Literal["new", "bound", "key_account"], ...] = ()
    member: bool = False
    campaigns: tuple[Word, ...] = ()
    kind: Literal["goods", "stored_value_top_up", "gift_cards", "freight", "deposits"] = "goods"
    staff_purchase: bool = False
    paid_by_points: Fen = 0
    paid_by_stored_value: Fen = 0
    earlier: bool = False
    refunds: Annotated[tuple[RefundFact, ...], Meta(max_length=20)] = ()


class TargetFact(Fact, frozen=True):
    """What net a person, a store or a region is to reach."""

    subject: Name
    amount: Annotated[int, Meta(ge=1, le=MOST)]


class Reading(Fact, frozen=True):
    """A figure as it was frozen, instead of one that is counted from the lines; ratios as numerator and denominator."""

    subject: Name
    metric: Name
    numerator: Annotated[int, Meta(ge=0, le=MOST)]
    denominator: Annotated[int, Meta(ge=1, le=MOST)] = 1


class NewCustomer(Fact, frozen=True):
    """A customer who is bound: whether for the first time ever, what is known, and the first purchase after it."""

    to: Name
    bound_before: bool = False
    known: tuple[Literal["name", "phone"], ...] = ("name", "phone")
    bought_net: Fen = 0
    after_days: Number = 0
    count: Annotated[int, Meta(ge=1, le=100_000, description="So many customers alike.")] = 1
    returned_after_days: Number | None = None


class Facts(Fact, frozen=True):
    """All that a period's pay depends on."""

    people: Annotated[tuple[Person, ...], Meta(max_length=50)] = ()
    stores: Annotated[tuple[StoreFact, ...], Meta(max_length=50)] = ()
    lines: Annotated[tuple[Line, ...], Meta(max_length=50)] = ()
    targets: Annotated[tuple[TargetFact, ...], Meta(max_length=200)] = ()
    readings: Annotated[tuple[Reading, ...], Meta(max_length=200)] = ()
    new_customers: Annotated[tuple[NewCustomer, ...], Meta(max_length=100)] = ()
    period_days: Annotated[int, Meta(ge=1, le=366)] = 30

    def store_of(self, code: str) -> StoreFact:
        """A store; one that is not described has no tags."""
        return next((store for store in self.stores if store.code == code), StoreFact(code=code))
