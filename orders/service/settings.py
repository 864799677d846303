"""The chain's settings about orders, changed."""

from datetime import datetime

import msgspec
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from kit.db import db
from kit.versions import expect
from models import OrderSettings as Row
from orders.rules.settings import OrderSettings


def put_settings(settings: OrderSettings, *, expected_version: int, now: datetime) -> int:
    """Put the settings in force for what comes in from now on, and answer their version; raises Stale."""
    unset = msgspec.to_builtins(OrderSettings())
    db.session.execute(insert(Row).values(id=1, settings=unset, updated_at=now).on_conflict_do_nothing())
    row = db.session.scalars(select(Row).where(Row.id == 1).with_for_update()).one()
    expect(row.version, expected=expected_version)
    row.settings = msgspec.to_builtins(settings)
    row.updated_at = now
    db.session.flush()
    db.session.refresh(row, ["version"])
    return row.version
