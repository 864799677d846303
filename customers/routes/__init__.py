"""Customers over HTTP; one file per noun."""

from customers.routes import (  # noqa: F401 - they register their views
    bindings,
    contact,
    imports,
    merges,
    privacy,
    profiles,
)
from customers.routes.blueprint import bp
from customers.schemas import problems  # noqa: F401 - says what refusals carry

__all__ = ["bp"]
