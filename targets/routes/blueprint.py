"""The blueprint that the targets routes share."""

from flask_smorest import Blueprint

bp = Blueprint("targets", __name__, url_prefix="/v1", description="Targets")
