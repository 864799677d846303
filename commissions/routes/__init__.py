"""The commissions room over HTTP; one file per noun."""

from commissions.routes import acknowledgements, corrections, missing, money, periods, plans  # noqa: F401 - they register their views
from commissions.routes.blueprint import bp

__all__ = ["bp"]
