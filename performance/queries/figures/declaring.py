"""How a figure is declared with the facts that it is counted from, and the parameters of every such statement."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal, NamedTuple
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    DateTime,
    Select,
    Uuid,
    any_,
    bindparam,
    cast,
    func,
    literal,
    literal_column,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import InstrumentedAttribute

from models import Store
from performance.rules.metrics import Figure

KEYS = ("day", "store_id", "guide_id", "currency")
# An instant's calendar day somewhere on Earth is at most this far from its day in UTC.
ZONES_REACH = timedelta(hours=14)

FROM_DAY, TO_DAY = bindparam("from_day", type_=Date), bindparam("to_day", type_=Date)
STARTS_AT = bindparam("starts_at", type_=DateTime(timezone=True))
ENDS_AT = bindparam("ends_at", type_=DateTime(timezone=True))
GUIDE_ID = bindparam("guide_id", type_=Uuid)
STORE_IDS = bindparam("store_ids", type_=ARRAY(Uuid))
# Written out: as parameters, the many zeros would double the statement.
NOTHING = literal_column("0", BigInteger)

Instant = InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None]
# Whose figures: one guide's, those of the stores named, or everybody's.
Whose = Literal["guide", "stores", "all"]


class Counted(NamedTuple):
    """Rows of facts before they are summed: `tables` joined and narrowed, what they are summed by, and the sums.

    `keys` are those of KEYS; `item` is one fact, `at` when it was, for opening a figure.
    """

    tables: Select[Any]
    keys: tuple[Any, ...]
    item: Any
    at: Any
    sums: dict[str, ColumnElement[Any]]


class Fact(NamedTuple):
    """A kind of fact and the figures that are counted from it; the sums of `counting` are these figures' columns."""

    kind: str
    figures: tuple[Figure, ...]
    counting: Callable[[Whose], Counted]


def asked(from_day: date, to_day: date, *, guide_id: UUID | None = None) -> dict[str, Any]:
    """The parameters of a statement over facts."""
    return {
        "from_day": from_day,
        "to_day": to_day,
        "starts_at": _start(from_day),
        "ends_at": _start(to_day + timedelta(days=1)),
        "guide_id": guide_id,
    }


def day_of(at: Instant) -> ColumnElement[date]:
    """The business day of an instant, in the store's zone."""
    return cast(func.timezone(Store.time_zone, at), Date)


def on_days(at: Instant) -> ColumnElement[bool]:
    """On these business days of the store; the instants around them are what an index can find."""
    return at.between(STARTS_AT - ZONES_REACH, ENDS_AT + ZONES_REACH) & day_of(at).between(FROM_DAY, TO_DAY)


def of(whose: Whose, of_guide: ColumnElement[bool], store_id: Any) -> ColumnElement[bool]:
    """Of the guide, of the stores, or of everybody."""
    if whose == "stores":
        found: ColumnElement[bool] = store_id == any_(STORE_IDS)
        return found
    return of_guide if whose == "guide" else literal(True)


def _start(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=UTC)
