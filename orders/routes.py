"""Orders from tills and shops."""

from flask_smorest import Blueprint

bp = Blueprint("orders", __name__, url_prefix="/v1", description="Orders and attribution")
