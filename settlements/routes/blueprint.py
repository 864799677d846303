"""The blueprint that the settlements routes share."""

from flask_smorest import Blueprint

bp = Blueprint("settlements", __name__, url_prefix="/v1", description="Settlements")
