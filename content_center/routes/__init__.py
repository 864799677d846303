"""Content, and forwarding it, over HTTP."""

from content_center.routes import content, forwards, tracking
from content_center.routes.blueprint import bp

__all__ = ["bp", "content", "forwards", "tracking"]
