"""The tasks room over HTTP; one file per noun."""

from tasks.routes import outbox, plans, tasks  # noqa: F401 - they register their views
from tasks.routes.blueprint import bp

__all__ = ["bp"]
