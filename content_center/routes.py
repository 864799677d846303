"""Content, and forwarding it."""

from flask_smorest import Blueprint

bp = Blueprint("content_center", __name__, url_prefix="/v1", description="Content and forwards")
