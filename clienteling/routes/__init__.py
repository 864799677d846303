"""The clienteling room over HTTP."""

from clienteling.routes import customers, follow_ups, measures, overview, privacy, segments, timeline
from clienteling.routes.blueprint import bp

__all__ = ["bp", "customers", "follow_ups", "measures", "overview", "privacy", "segments", "timeline"]
