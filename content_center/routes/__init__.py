"""Content, and forwarding it, over HTTP."""

from content_center.routes import assets, content, forwards, previews, tracking, viewers
from content_center.routes.blueprint import bp
from content_center.schemas import problems  # noqa: F401 - says what refusals carry

__all__ = ["assets", "bp", "content", "forwards", "previews", "tracking", "viewers"]
