"""What a roster says of people's days, and what becomes of it."""

from staff.rules.placements import FULL_TIME_BP

KINDS = ("work", "leave", "off", "training")
AT_WORK = ("work", "training")
# What people are on a day: what the roster has them do, or lent to another store, or in no plan of that day.
PRESENCES = (*KINDS, "lent", "unplanned")
# How much is known of a store's day: everybody's part, only that some are away, or nothing.
ROSTERS = ("full", "absences", "none")
MAX_MINUTES = 1_440

__all__ = ["AT_WORK", "FULL_TIME_BP", "KINDS", "MAX_MINUTES", "PRESENCES", "ROSTERS"]
