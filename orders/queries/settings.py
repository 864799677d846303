"""The chain's settings about orders, as they are now."""

import msgspec
from sqlalchemy import text

from kit.db import fetch_one
from orders.rules.settings import OrderSettings

FIND = text("SELECT settings, version FROM order_settings WHERE id = 1")


def find_settings() -> OrderSettings:
    """What holds now; what nobody has set is as the class says."""
    return find_versioned_settings()[0]


def find_versioned_settings() -> tuple[OrderSettings, int]:
    """The settings and their version, which is 1 as long as nobody has set any."""
    row = fetch_one(FIND)
    return (OrderSettings(), 1) if row is None else (msgspec.convert(row["settings"], OrderSettings), row["version"])
