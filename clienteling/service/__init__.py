"""All writes of the clienteling room."""

from clienteling.service.follow_ups import log_batch, log_follow_up
from clienteling.service.notes import forget_notes, reseal_notes

__all__ = ["forget_notes", "log_batch", "log_follow_up", "reseal_notes"]
