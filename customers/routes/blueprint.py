"""Customers."""

from flask_smorest import Blueprint

bp = Blueprint("customers", __name__, url_prefix="/v1", description="Customers and whose they are")
