"""The room's place in the API."""

from flask_smorest import Blueprint

from content_center.rules.makers import MAKERS

__all__ = ["MAKERS", "bp"]

bp = Blueprint("content_center", __name__, url_prefix="/v1", description="Content and forwards")
