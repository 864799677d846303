"""Who is to be given tasks in a plan's stores, for statements about many stores at once."""

from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, select

from kit.db import db
from models import TaskPlanStore
from staff.queries.presence import presence

# `present` (w) are those placed in a store on a day: `serves` says who gets what is meant for guides, that is the
# guides who are in, and where there are none the managers who are.
PRESENT = """
present AS (
  SELECT * FROM unnest(CAST(:stores AS uuid[]), CAST(:store_days AS date[]), CAST(:people AS uuid[]),
                       CAST(:serve AS bool[]), CAST(:manage AS bool[]), CAST(:absent AS bool[]))
    AS w (store_id, day, staff_id, serves, is_manager, is_absent)
)"""
# Whether one of them is among those whom a version (v) is meant for.
TAKES = "(w.serves AND 'guide' = ANY(v.roles) OR w.is_manager AND 'store_manager' = ANY(v.roles))"


class Placed(NamedTuple):
    """Somebody placed in a store on a day."""

    day: date
    store_id: UUID
    staff_id: UUID
    is_guide: bool
    is_manager: bool
    kind: str
    is_present: bool


def read_present(plan_id: UUID, *, first: date, last: date, of_shard: ColumnElement[bool]) -> dict[str, list[object]]:
    """The parameters of PRESENT: who is in the plan's stores of a shard, from `first` to `last`."""
    stores = select(TaskPlanStore.store_id).where(TaskPlanStore.plan_id == plan_id, of_shard)
    found = presence(first, last, stores=stores).subquery()
    columns = [found.c[name] for name in Placed._fields]
    sells = found.c.is_guide | found.c.is_manager
    placed = [Placed(*row) for row in db.session.execute(select(*columns).where(sells))]
    with_guides = {(one.store_id, one.day) for one in placed if one.is_present and one.is_guide}
    return {
        "stores": [one.store_id for one in placed],
        "store_days": [one.day for one in placed],
        "people": [one.staff_id for one in placed],
        "serve": [one.is_present and (one.is_guide or (one.store_id, one.day) not in with_guides) for one in placed],
        "manage": [one.is_present and one.is_manager for one in placed],
        # On leave, off, or not in the roster; who is lent to another store is not absent.
        "absent": [not one.is_present and one.kind != "lent" for one in placed],
    }
