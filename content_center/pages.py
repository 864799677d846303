"""The page a customer opens."""

from flask import Blueprint

bp = Blueprint("pages", __name__)
