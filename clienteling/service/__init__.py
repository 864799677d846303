"""All writes of the clienteling room."""

from clienteling.service.figures import rebuild_figures, refresh_figures
from clienteling.service.follow_ups import log_batch, log_follow_up
from clienteling.service.notes import forget_notes, reseal_notes
from clienteling.service.privacy import export_person, forget_people, retention
from clienteling.service.segments import change_segment, create_segment, request_refresh, set_limits

__all__ = [
    "change_segment",
    "create_segment",
    "export_person",
    "forget_notes",
    "forget_people",
    "log_batch",
    "log_follow_up",
    "rebuild_figures",
    "refresh_figures",
    "request_refresh",
    "reseal_notes",
    "retention",
    "set_limits",
]
