"""The blueprint that the commissions routes share."""

from flask_smorest import Blueprint

bp = Blueprint("commissions", __name__, url_prefix="/v1", description="Commissions")
