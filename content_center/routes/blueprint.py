"""The room's place in the API."""

from flask_smorest import Blueprint

bp = Blueprint("content_center", __name__, url_prefix="/v1", description="Content and forwards")
MAKERS = frozenset({"hq_content", "hq_admin"})
