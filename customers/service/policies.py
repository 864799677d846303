"""The chain's settings about customers, changed."""

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from customers.queries.policies import IDS
from customers.rules.policies import BindingPolicy, ContactPolicy
from kit.db import db
from kit.versions import expect
from models import CustomerPolicy


def set_policy(policy: ContactPolicy | BindingPolicy, *, expected_version: int, now: datetime) -> int:
    """Put all settings of one kind in force and answer their version; raises Stale."""
    id_ = IDS[type(policy)]
    unset: dict[str, Any] = msgspec.to_builtins(type(policy)())
    db.session.execute(insert(CustomerPolicy).values(id=id_, settings=unset).on_conflict_do_nothing())
    row = db.session.scalars(select(CustomerPolicy).where(CustomerPolicy.id == id_).with_for_update()).one()
    expect(row.version, expected=expected_version)
    row.settings = msgspec.to_builtins(policy)
    row.updated_at = now
    db.session.flush()
    db.session.refresh(row, ["version"])
    return row.version
