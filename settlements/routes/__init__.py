"""The settlements room over HTTP; one file per noun."""

from settlements.routes import periods, settlements, statements  # noqa: F401 - they register their views
from settlements.routes.blueprint import bp

__all__ = ["bp"]
