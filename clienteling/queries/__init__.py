"""All reads of the clienteling room."""

from clienteling.queries.follow_ups import (
    NOTE_PURPOSE,
    find_recorded,
    get_follow_up,
    is_one_person,
    list_due,
    list_follow_ups,
    open_note,
    was_bound,
)

__all__ = [
    "NOTE_PURPOSE",
    "find_recorded",
    "get_follow_up",
    "is_one_person",
    "list_due",
    "list_follow_ups",
    "open_note",
    "was_bound",
]
