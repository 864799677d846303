"""The blueprint that the room's routes share."""

from flask_smorest import Blueprint

bp = Blueprint("clienteling", __name__, url_prefix="/v1", description="Looking after customers")
SERVE = frozenset({"guide", "store_manager", "regional_manager", "hq_admin"})
READ = "customers:read"
