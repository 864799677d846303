"""Products, and the batches that brands push."""

from flask_smorest import Blueprint

bp = Blueprint("catalog", __name__, url_prefix="/v1", description="Products and their shelf status")
