"""Figures and leaderboards."""

from flask_smorest import Blueprint

bp = Blueprint("performance", __name__, url_prefix="/v1", description="Performance")
