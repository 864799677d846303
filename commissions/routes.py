"""What a guide has earned."""

from flask_smorest import Blueprint

bp = Blueprint("commissions", __name__, url_prefix="/v1", description="Commissions")
