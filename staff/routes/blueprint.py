"""The blueprint that the room's views hang on."""

from flask_smorest import Blueprint

bp = Blueprint("staff", __name__, url_prefix="/v1", description="Sign-in, people and places")
