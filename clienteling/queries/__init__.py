"""All reads of the clienteling room."""

from clienteling.queries.customers import find_sorted, list_newest, list_of
from clienteling.queries.exports import export_person
from clienteling.queries.facts import OWN_FACTS, Facts
from clienteling.queries.figures import current_limits, find_state
from clienteling.queries.follow_ups import (
    find_recorded,
    get_follow_up,
    is_one_person,
    list_due,
    list_follow_ups,
    was_bound,
)
from clienteling.queries.measures import measure_customers
from clienteling.queries.notes import NOTE_PURPOSE, open_note
from clienteling.queries.retention import count_forgotten, list_forgotten
from clienteling.queries.segments import (
    SegmentNotFound,
    count_customers,
    get_segment,
    list_segment_customers,
    list_segments,
    lock_segment,
)
from clienteling.queries.timeline import list_timeline

__all__ = [
    "NOTE_PURPOSE",
    "OWN_FACTS",
    "Facts",
    "SegmentNotFound",
    "count_customers",
    "count_forgotten",
    "current_limits",
    "export_person",
    "find_recorded",
    "find_sorted",
    "find_state",
    "get_follow_up",
    "get_segment",
    "is_one_person",
    "list_due",
    "list_follow_ups",
    "list_forgotten",
    "list_newest",
    "list_of",
    "list_segment_customers",
    "list_segments",
    "list_timeline",
    "lock_segment",
    "measure_customers",
    "open_note",
    "was_bound",
]
