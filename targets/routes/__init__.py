"""The targets room over HTTP; one file per noun."""

from targets.routes import shares, sheets, targets  # noqa: F401 - they register their views
from targets.routes.blueprint import bp

__all__ = ["bp"]
