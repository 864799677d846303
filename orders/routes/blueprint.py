"""The blueprint that the orders routes share."""

from flask_smorest import Blueprint

bp = Blueprint("orders", __name__, url_prefix="/v1", description="Orders and attribution")
