"""The staff room over HTTP; one file per noun."""

from staff.routes import (  # noqa: F401 - they register their views
    areas,
    calendars,
    covers,
    devices,
    imports,
    keys,
    oidc,
    organisation,
    placements,
    portraits,
    rosters,
    second_factor,
    sign_in,
)
from staff.routes.blueprint import bp

__all__ = ["bp"]
