"""What the catalog's routes share."""

from flask_smorest import Blueprint

CATALOG = frozenset({"hq_catalog", "hq_admin"})
PUSH = "products:write"

bp = Blueprint("catalog", __name__, url_prefix="/v1", description="Products and their shelf status")
