"""Customers, and who may have to do with them."""

from flask_smorest import Blueprint

bp = Blueprint("customers", __name__, url_prefix="/v1", description="Customers and whose they are")

# Those who serve customers; nobody else at headquarters needs to know who they are.
SERVE = frozenset({"guide", "store_manager", "regional_manager", "hq_admin"})
READ, WRITE, ERASE = "customers:read", "customers:write", "customers:erase"
# What tills have, which know members by their number.
TILL = "orders:write"
