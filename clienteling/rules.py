"""What the clienteling room decides without a database."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

# A phone's clock may run ahead a little; what waited offline for longer than a season is a mistake.
CLOCK_SKEW = timedelta(minutes=5)
MAX_AGE = timedelta(days=90)
MAX_AHEAD = timedelta(days=731)


def is_plausible(at: datetime, *, now: datetime) -> bool:
    """Whether something can have been done at `at`: within 90 days, and not in the future."""
    return now - MAX_AGE <= at <= now + CLOCK_SKEW


def is_next(next_on: date, *, at: datetime) -> bool:
    """Whether a next date follows what was done at `at`: not before its day anywhere on earth, within two years."""
    return at.date() - timedelta(days=1) <= next_on <= at.date() + MAX_AHEAD


@dataclass(frozen=True, kw_only=True)
class Limits:
    """In days: the window of orders and net sales, and how long a stage lasts since the first or last order."""

    window_days: int = 365
    new_days: int = 30
    active_days: int = 90
    at_risk_days: int = 180
    lapsed_days: int = 365


# A profile is complete that tells a name and a telephone.
COMPLETE_FIELDS = ("name",)
COMPLETE_IDENTITIES = ("phone",)
RETENTION_DAYS = {"day_1": 1, "quarter": 90}
REPURCHASE_MONTHS = (3, 6, 12)
