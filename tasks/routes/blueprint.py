"""The blueprint that the tasks routes share."""

from flask_smorest import Blueprint

bp = Blueprint("tasks", __name__, url_prefix="/v1", description="Tasks")
