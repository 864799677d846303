"""How many people came in: by store and day for figures, and the hours that a batch is about."""

from collections.abc import Collection
from datetime import date
from typing import NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Select, func, select, text

from kit.db import db
from models import Footfall

FIND = text("""
    SELECT store_id, day, hour, visitors, source_version
    FROM json_to_recordset(CAST(:hours AS json)) AS wanted (store_id uuid, day date, hour smallint)
    JOIN footfall USING (store_id, day, hour)
    WHERE source_id = :source_id
""")


class Hour(NamedTuple):
    """An hour of a store's clock."""

    store_id: UUID
    day: date
    hour: int


class HeldHour(NamedTuple):
    visitors: int
    version: int


def footfall_by_day(*where: ColumnElement[bool]) -> Select[UUID, date, int]:
    """`store_id`, `day` and `visitors` of the days on which somebody was counted; `where` narrows Footfall."""
    visitors = func.sum(Footfall.visitors)
    statement = select(Footfall.store_id, Footfall.day, visitors.label("visitors")).where(*where)
    return statement.group_by(Footfall.store_id, Footfall.day).having(visitors > 0)


def find_hours(source_id: UUID, hours: Collection[Hour]) -> dict[Hour, HeldHour]:
    """What a source counted in these hours, as far as we have it."""
    wanted = msgspec.json.encode([hour._asdict() for hour in hours]).decode()
    rows = db.session.execute(FIND, {"source_id": source_id, "hours": wanted})
    return {Hour(row.store_id, row.day, row.hour): HeldHour(row.visitors, row.source_version) for row in rows}
