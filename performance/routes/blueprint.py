"""The blueprint of the performance room."""

from flask_smorest import Blueprint

bp = Blueprint("performance", __name__, url_prefix="/v1", description="Performance")
