"""What the staff room decides without a database."""

from staff.rules.roles import (
    ANY_STAFF,
    API_SCOPES,
    HQ_ROLES,
    MANAGERS,
    ROLES,
    SELLERS,
    SUPPORT,
    acting_as,
    administers,
    reach_of,
    works_on,
)
from staff.rules.rows import RegionRow, StaffRow, StoreRow

__all__ = [
    "ANY_STAFF",
    "API_SCOPES",
    "HQ_ROLES",
    "MANAGERS",
    "ROLES",
    "SELLERS",
    "SUPPORT",
    "RegionRow",
    "StaffRow",
    "StoreRow",
    "acting_as",
    "administers",
    "reach_of",
    "works_on",
]
