"""The staff room over HTTP; one file per noun."""

from staff.routes import covers, devices, imports, keys, organisation, sign_in  # noqa: F401 - they register their views
from staff.routes.blueprint import bp

__all__ = ["bp"]
